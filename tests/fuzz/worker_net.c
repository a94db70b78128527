/* SPDX-License-Identifier: MIT */
/*
 * xn-net, told anything by xnd while its guest does anything. Promise: it
 * serves the first interface that it is given or says why not, and no other,
 * whatever its terms are, and however many of its queues; a malformed message
 * ends the channel and no more; when told to stop it says so and leaves
 * nothing behind. The tap is a socket that takes all.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/net/frame.h"
#include "backends/net/tap.h"
#include "backends/net/tap_batch.h"
#include "base/err.h"
#include "chan/net_figures.h"
#include "tests/fuzz/worker.h"

/* xn-net's main(), which the Makefile gives this name. */
int worker_main(int argc, char **argv);

int tap_prepare(int fd, uint32_t flags, struct err *e)
{
	(void)fd;
	(void)flags;
	(void)e;
	return 0;
}

int tap_read(int fd, uint8_t *frame, size_t max, struct frame_marks *marks)
{
	ssize_t n = recv(fd, frame, max, MSG_DONTWAIT);

	*marks = (struct frame_marks){0};
	return n < 0 ? 0 : (int)n;
}

struct tap_batch *tap_batch_open(void)
{
	return NULL;
}

void tap_batch_close(struct tap_batch *b)
{
	(void)b;
}

void tap_batch_write(struct tap_batch *b, int fd, struct tap_frame *frames,
		     unsigned int n)
{
	(void)b;
	(void)fd;
	for (; n > 0; n--)
		(frames++)->rc = 0;
}

static int memory(const char *name, size_t bytes)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	promise(ftruncate(fd, (off_t)bytes) == 0, "memory for it");
	return fd;
}

static void open_all(int fds[MSG_MAX_FDS], bool start)
{
	unsigned int i;
	int pair[2];

	(void)start;
	fds[0] = memory("journal", MSG_NET_JOURNAL_BYTES);
	fds[1] = memory("figures",
			MSG_NET_QUEUES_MAX * sizeof(struct net_figures));
	for (i = 2; i < MSG_MAX_FDS; i += 2) {
		promise(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "a tap");
		fds[i] = pair[0];
		fds[i + 1] = pair[1];
		send(pair[1], "a frame for the guest", 21, 0);
	}
}

static int run(void)
{
	char name[] = "xn-net", queues[] = "queues=3";
	char *argv[] = {name, queues, NULL};

	return worker_main(2, argv);
}

void fuzz_one(struct input *in)
{
	static const struct worker_kind kind = {
		.run = run,
		.start = MSG_NET_START,
		.serving = MSG_NET_SERVING,
		.threads = true,
		.open = open_all,
	};

	worker_fuzz(&kind, in);
}
