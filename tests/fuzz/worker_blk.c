/* SPDX-License-Identifier: MIT */
/*
 * xn-blk, told anything by xnd while its guest does anything. Promise: it
 * serves the first disk that it is given or says why not, and no other; a
 * malformed message ends the channel and no more; when told to stop it says
 * so and leaves nothing behind.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/worker.h"

/* xn-blk's main(), which the Makefile gives this name. */
int worker_main(int argc, char **argv);

#define SECTORS	 64
#define REQUESTS (MSG_BLK_RING_PAGES_MAX * MSG_BLK_PAGE_REQUESTS)
#define QUEUES	 2

static void open_all(int fds[MSG_MAX_FDS], bool start)
{
	unsigned int i;

	(void)start;
	for (i = 0; i < MSG_MAX_FDS; i += 2) {
		fds[i] = memfd_create("image", MFD_CLOEXEC);
		fds[i + 1] = memfd_create("journal", MFD_CLOEXEC);
		promise(ftruncate(fds[i], SECTORS * 512) == 0 &&
				ftruncate(fds[i + 1],
					  MSG_BLK_JOURNAL_BYTES(QUEUES,
								REQUESTS)) == 0,
			"an image and a journal");
	}
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
