/* SPDX-License-Identifier: MIT */
/*
 * One SOCK_SEQPACKET connection: a request is sent and its reply awaited under
 * one lock, and what the first reply brings is kept.
 */
#include "tests/sim/lib/link.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/sim/lib/site.h"

#define FRAME_BYTES ((size_t)4096)

struct sim_link {
	pthread_mutex_t lock;
	int fd;
	int memory_fd;
	int event_fd;
	bool tells_sites;
	struct sim_page *page; /* of SIM_EVTCHN; NULL: it cannot post */
};

static int connect_to_hypervisor(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv(SIM_SOCKET_ENV);
	int fd;

	if (!path)
		path = SIM_SOCKET_DEFAULT;
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int send_request(struct sim_link *l, const struct sim_request *request)
{
	ssize_t r;

	do
		r = send(l->fd, request, sizeof(*request), MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -1 : 0;
}

/* The memory comes first, then the events. */
static void take_descriptors(struct sim_link *l, struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fds[2] = {-1, -1};
	size_t bytes;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return;
	bytes = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), bytes < sizeof(fds) ? bytes : sizeof(fds));
	l->memory_fd = fds[0];
	l->event_fd = fds[1];
}

static int receive_reply(struct sim_link *l, struct sim_reply *reply)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec part = {reply, sizeof(*reply)};
	struct msghdr m = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t r;

	do
		r = recvmsg(l->fd, &m, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -1;
	if (r != sizeof(*reply)) {
		errno = ECONNRESET; /* the hypervisor is gone */
		return -1;
	}
	take_descriptors(l, &m);
	return 0;
}

/* Asks a second time if the hypervisor wants to know the site first. */
static int64_t ask(struct sim_link *l, struct sim_request *request)
{
	uint64_t frames[SIM_SITE_FRAMES];
	struct sim_reply reply;

	do {
		if (l->tells_sites) {
			request->site = site_here(frames);
			request->frames = (uintptr_t)frames;
		}
		if (send_request(l, request) < 0 ||
		    receive_reply(l, &reply) < 0)
			return -1;
		l->tells_sites = reply.want_sites != 0;
	} while (reply.result < 0 && reply.error == 0 && l->tells_sites);
	if (reply.result < 0)
		errno = reply.error;
	return reply.result;
}

static int greet(struct sim_link *l, enum sim_handle kind, uint32_t domid)
{
	struct sim_request hello = {.op = SIM_HELLO, .args = {kind, domid}};

	strncpy(hello.name, program_invocation_short_name, SIM_NAME - 1);
	return (int)ask(l, &hello);
}

static void map_page(struct sim_link *l)
{
	void *at =
		mmap(NULL, FRAME_BYTES, PROT_READ, MAP_SHARED, l->memory_fd, 0);

	l->page = at == MAP_FAILED ? NULL : at;
}

struct sim_link *link_open(enum sim_handle kind, uint32_t domid)
{
	struct sim_link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->memory_fd = l->event_fd = -1;
	/* Also loads the unwinder: later the program may have confined itself. */
	l->tells_sites = true;
	l->fd = connect_to_hypervisor();
	if (l->fd < 0 || greet(l, kind, domid) < 0) {
		link_close(l);
		return NULL;
	}
	if (kind == SIM_EVTCHN)
		map_page(l);
	return l;
}

void link_close(struct sim_link *l)
{
	int error = errno;

	if (!l)
		return;
	if (l->page)
		munmap(l->page, FRAME_BYTES);
	if (l->event_fd >= 0)
		close(l->event_fd);
	if (l->memory_fd >= 0)
		close(l->memory_fd);
	if (l->fd >= 0)
		close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
	errno = error;
}

int64_t link_call(struct sim_link *l, enum sim_op op, size_t n,
		  const uint64_t *args)
{
	struct sim_request request = {.op = op};
	int64_t result;

	if (n > SIM_ARGS) {
		errno = E2BIG;
		return -1;
	}
	memcpy(request.args, args, n * sizeof(*args));
	pthread_mutex_lock(&l->lock);
	result = ask(l, &request);
	pthread_mutex_unlock(&l->lock);
	return result;
}

int64_t link_post(struct sim_link *l, enum sim_op op, uint64_t port)
{
	struct sim_request request = {
		.op = op, .flags = SIM_POSTED, .args = {port}};
	int rc;

	if (!l->page || l->page->attentive)
		return link_call(l, op, 1, &port);
	pthread_mutex_lock(&l->lock);
	rc = send_request(l, &request);
	pthread_mutex_unlock(&l->lock);
	return rc;
}

int link_memory_fd(const struct sim_link *l)
{
	return l->memory_fd;
}

int link_event_fd(const struct sim_link *l)
{
	return l->event_fd;
}

/* How many frames from the first on are one piece of the memory. */
static size_t run_length(size_t n, const uint64_t *frames)
{
	uint64_t step = frames[0] == SIM_NO_FRAME ? 0 : 1;
	size_t i;

	for (i = 1; i < n; i++)
		if (frames[i] != frames[0] + i * step)
			break;
	return i;
}

static bool map_run(struct sim_link *l, void *at, int prot, size_t n,
		    uint64_t first)
{
	void *r;

	if (first == SIM_NO_FRAME)
		r = mmap(at, n * FRAME_BYTES, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				 MAP_FIXED,
			 -1, 0);
	else
		r = mmap(at, n * FRAME_BYTES, prot, MAP_SHARED | MAP_FIXED,
			 l->memory_fd, (off_t)(first * FRAME_BYTES));
	return r != MAP_FAILED;
}

void *link_map(struct sim_link *l, void *at, int prot, size_t n,
	       const uint64_t *frames)
{
	char *base = at;
	size_t i, run;

	if (!base) {
		base = mmap(NULL, n * FRAME_BYTES, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (base == MAP_FAILED)
			return NULL;
	}
	for (i = 0; i < n; i += run) {
		run = run_length(n - i, frames + i);
		if (!map_run(l, base + i * FRAME_BYTES, prot, run, frames[i])) {
			int error = errno;

			if (!at)
				munmap(base, n * FRAME_BYTES);
			errno = error;
			return NULL;
		}
	}
	return base;
}
