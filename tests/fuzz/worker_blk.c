/* SPDX-License-Identifier: MIT */
/*
 * xn-blk, told anything by xnd while its guest does anything. Promise: it
 * serves the first disk that it is given or says why not, and no other; a
 * malformed message ends the channel and no more; when told to stop it says
 * so and leaves nothing behind.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "chan/blk_figures.h"
#include "tests/fuzz/worker.h"

/* xn-blk's main(), which the Makefile gives this name. */
int worker_main(int argc, char **argv);

#define SECTORS	 64
#define REQUESTS (MSG_BLK_RING_PAGES_MAX * MSG_BLK_PAGE_REQUESTS)
#define QUEUES	 2

static int memory(const char *name, size_t bytes)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	promise(ftruncate(fd, (off_t)bytes) == 0, "memory for it");
	return fd;
}

static void open_all(int fds[MSG_MAX_FDS], bool start)
{
	unsigned int i;

	(void)start;
	fds[0] = memory("journal", MSG_BLK_JOURNAL_BYTES(QUEUES, REQUESTS));
	fds[1] = memory("figures", QUEUES * sizeof(struct blk_figures));
	fds[2] = memory("image", SECTORS * 512);
	for (i = 3; i < MSG_MAX_FDS; i++)
		fds[i] = memory("another", SECTORS * 512);
}

static int run(void)
{
	char name[] = "xn-blk", queues[] = "queues=2";
	char *argv[] = {name, queues, NULL};

	return worker_main(2, argv);
}

void fuzz_one(struct input *in)
{
	static const struct worker_kind kind = {
		.run = run,
		.start = MSG_BLK_START,
		.serving = MSG_BLK_SERVING,
		.threads = true,
		.open = open_all,
	};

	worker_fuzz(&kind, in);
}
