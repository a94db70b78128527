/* SPDX-License-Identifier: MIT */
/*
 * Connections: greeted, served one request at a time, and released when they
 * end, as Xen's drivers release a handle.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <event2/event.h>

struct client {
	LIST_ENTRY(client) link;
	int fd;
	int events_fd; /* the pipe's end to write to; -1 but of SIM_EVTCHN */
	pid_t pid;
	uint64_t number;
	uint32_t kind; /* enum sim_handle; 0 until greeted */
	uint32_t domid;
	char name[SIM_NAME];
	struct event *readable;
	struct event *closed;
	struct event *delay; /* until this fires, reply waits */
	struct sim_reply reply;
	struct port_client ports;
	struct grant_client grants;
};

static struct {
	LIST_HEAD(, client) clients;
	uint32_t count;
	uint64_t calls;
	uint64_t events;
} all;

struct domain *client_domain(const struct client *c)
{
	return domain_find(c->domid);
}

bool client_speaks_for(uint32_t domid)
{
	const struct client *c;

	LIST_FOREACH(c, &all.clients, link)
		if (c->kind != 0 && c->domid == domid)
			return true;
	return false;
}

enum sim_handle client_kind(const struct client *c)
{
	return c->kind;
}

const char *client_name(const struct client *c)
{
	return c->name;
}

struct port_client *client_ports(struct client *c)
{
	return &c->ports;
}

struct grant_client *client_grants(struct client *c)
{
	return &c->grants;
}

uint32_t client_count(void)
{
	return all.count;
}

uint64_t client_calls(void)
{
	return all.calls;
}

uint64_t client_events(void)
{
	return all.events;
}

int client_read(struct client *c, void *to, uint64_t from, size_t bytes)
{
	struct iovec here = {to, bytes};
	struct iovec there = {(void *)(uintptr_t)from, bytes};

	if (bytes == 0)
		return 0;
	return process_vm_readv(c->pid, &here, 1, &there, 1, 0) ==
			       (ssize_t)bytes
		       ? 0
		       : -EFAULT;
}

int client_write(struct client *c, uint64_t to, const void *from, size_t bytes)
{
	struct iovec here = {(void *)(uintptr_t)from, bytes};
	struct iovec there = {(void *)(uintptr_t)to, bytes};

	if (bytes == 0)
		return 0;
	return process_vm_writev(c->pid, &here, 1, &there, 1, 0) ==
			       (ssize_t)bytes
		       ? 0
		       : -EFAULT;
}

/* There is room: a port is masked from its delivery on, and the pipe holds
 * more than a domain has ports. */
void client_deliver(struct client *c, uint32_t port)
{
	ssize_t r;

	if (c->events_fd < 0)
		return;
	r = write(c->events_fd, &port, sizeof(port));
	if (r == sizeof(port))
		all.events++;
	else if (errno != EPIPE)
		fprintf(stderr, "xn-sim: %s: event of port %u is lost: %s\n",
			c->name, port, strerror(errno));
}

static void client_free(struct client *c)
{
	if (c->kind != 0) {
		grant_release_all_of_client(c);
		port_close_all_of_client(c);
	}
	if (c->delay)
		event_free(c->delay);
	if (c->closed)
		event_free(c->closed);
	if (c->readable)
		event_free(c->readable);
	if (c->events_fd >= 0)
		close(c->events_fd);
	close(c->fd);
	LIST_REMOVE(c, link);
	all.count--;
	if (c->domid != 0 && !client_speaks_for(c->domid))
		memory_free_retired(c->domid);
	free(c);
}

/* fds: n of them go along, and are not closed here. */
static int send_reply(struct client *c, const int *fds, size_t n)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec part = {&c->reply, sizeof(c->reply)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (n > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	}
	return sendmsg(c->fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void set_reply(struct client *c, int64_t result)
{
	c->reply.result = result < 0 ? -1 : result;
	c->reply.error = result < 0 ? (int32_t)-result : 0;
	c->reply.want_sites = fault_wants_sites(c->name);
}

/* The end of the pipe that the client reads, or -errno. */
static int make_pipe(struct client *c)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	c->events_fd = fds[1];
	if (fcntl(fds[1], F_SETFL, O_NONBLOCK) < 0) {
		close(fds[0]);
		return -errno;
	}
	return fds[0];
}

static int64_t greet(struct client *c, const struct sim_request *r)
{
	if (r->args[0] < SIM_CALL || r->args[0] > SIM_CONTROL)
		return -EINVAL;
	if (!domain_find((uint32_t)r->args[1]))
		return -ESRCH;
	c->kind = (uint32_t)r->args[0];
	c->domid = (uint32_t)r->args[1];
	return 0;
}

/* 0 or -errno of the connection itself */
static int reply_to_hello(struct client *c, int64_t result)
{
	int fds[2] = {memory_fd(), -1};
	int rc;

	set_reply(c, result);
	if (result < 0)
		return send_reply(c, NULL, 0);
	if (c->kind != SIM_EVTCHN)
		return send_reply(c, fds, 1);
	fds[1] = make_pipe(c);
	if (fds[1] < 0)
		return fds[1];
	rc = send_reply(c, fds, 2);
	close(fds[1]);
	return rc;
}

static void on_delay_over(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (send_reply(c, NULL, 0) < 0)
		client_free(c);
	else
		event_add(c->readable, NULL);
}

/* The client is not heard until it has its reply. */
static int delay_reply(struct client *c, uint32_t ms)
{
	struct timeval wait = {ms / 1000, (suseconds_t)(ms % 1000 * 1000)};

	event_del(c->readable);
	return evtimer_add(c->delay, &wait);
}

static int answer(struct client *c, const struct sim_request *r,
		  const struct sim_fault *fault)
{
	int64_t result;

	if (fault && fault->kind == SIM_KILL_BEFORE) {
		kill(c->pid, SIGKILL);
		return 0;
	}
	if (fault && fault->kind == SIM_FAIL)
		result = -fault->error;
	else
		result = r->op == SIM_HELLO ? greet(c, r) : request_run(c, r);
	if (fault && fault->kind == SIM_KILL_AFTER) {
		kill(c->pid, SIGKILL);
		return 0;
	}
	if (r->op == SIM_HELLO)
		return reply_to_hello(c, result);
	set_reply(c, result);
	if (fault && fault->kind == SIM_DELAY)
		return delay_reply(c, fault->milliseconds);
	return send_reply(c, NULL, 0);
}

static bool can_be_faulted(const struct client *c, const struct sim_request *r)
{
	if (r->op == SIM_GRANT_COPY_END)
		return false;
	if (r->op == SIM_HELLO)
		return r->args[0] != SIM_CONTROL && r->args[1] == 0;
	return c->kind != SIM_CONTROL && c->domid == 0;
}

/* 0, or -errno: the connection is of no use any more. */
static int serve(struct client *c, const struct sim_request *r)
{
	struct call call = {c->name, r->op, 0, 0, r->site, c->number};
	const struct sim_fault *fault;

	all.calls++;
	if (request_post(c, r))
		return 0;
	if (!can_be_faulted(c, r))
		return answer(c, r, NULL);
	if (r->site == 0 && fault_wants_sites(c->name)) {
		c->reply = (struct sim_reply){.result = -1, .want_sites = 1};
		return send_reply(c, NULL, 0);
	}
	if (r->op == SIM_HYPERCALL)
		hypercall_name(c, r, &call);
	else if (r->op == SIM_HELLO)
		call.number = (int32_t)r->args[0];
	if (survey_is_on())
		survey_add(c, &call, r->frames);
	fault = fault_meet(&call);
	return answer(c, r, fault);
}

static bool is_in_turn(struct client *c, struct sim_request *r)
{
	if (c->kind != 0)
		return request_fits(c, r->op);
	if (r->op != SIM_HELLO)
		return false;
	memcpy(c->name, r->name, sizeof(c->name));
	c->name[sizeof(c->name) - 1] = '\0';
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	struct sim_request r;
	ssize_t n = recv(fd, &r, sizeof(r), MSG_TRUNC);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == (ssize_t)sizeof(r) && is_in_turn(c, &r) && serve(c, &r) == 0)
		return;
	if (n > 0)
		fprintf(stderr, "xn-sim: %s: dropped at request %u\n", c->name,
			n == (ssize_t)sizeof(r) ? r.op : 0);
	client_free(c);
}

/*
 * Of all that can be done, this is done first: who asks for something after a
 * process has died asks a machine without it. What it had posted was done
 * before it died.
 */
static void on_closed(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	struct sim_request r;

	(void)what;
	while (recv(fd, &r, sizeof(r), 0) == (ssize_t)sizeof(r))
		request_post(c, &r);
	client_free(c);
}

static int watch(struct client *c, struct event_base *base)
{
	c->readable =
		event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->closed =
		event_new(base, c->fd, EV_CLOSED | EV_PERSIST, on_closed, c);
	c->delay = evtimer_new(base, on_delay_over, c);
	if (!c->readable || !c->closed || !c->delay ||
	    event_priority_set(c->closed, 0) < 0 ||
	    event_add(c->closed, NULL) < 0 || event_add(c->readable, NULL) < 0)
		return -ENOMEM;
	return 0;
}

int client_accept(struct event_base *base, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	c->fd = fd;
	c->events_fd = -1;
	LIST_INIT(&c->grants.mappings);
	LIST_INSERT_HEAD(&all.clients, c, link);
	all.count++;
	if (watch(c, base) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	    peer.pid <= 0) {
		client_free(c);
		return -ENOMEM;
	}
	c->pid = peer.pid;
	c->number = fault_handle();
	return 0;
}

void client_close_all(void)
{
	while (!LIST_EMPTY(&all.clients))
		client_free(LIST_FIRST(&all.clients));
}
