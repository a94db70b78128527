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

#define SECTORS	 64
#define REQUESTS 32 /* in a ring of one page */

static void open_all(int fds[MSG_MAX_FDS], bool start)
{
	unsigned int i;

	(void)start;
	for (i = 0; i < MSG_MAX_FDS; i += 2) {
		fds[i] = memfd_create("image", MFD_CLOEXEC);
		fds[i + 1] = memfd_create("journal", MFD_CLOEXEC);
		promise(ftruncate(fds[i], SECTORS * 512) == 0 &&
				ftruncate(fds[i + 1],
					  MSG_BLK_JOURNAL_BYTES(1, REQUESTS)) ==
					0,
			"an image and a journal");
	}
}

void fuzz_one(struct input *in)
{
	static const struct worker_kind kind = {
		.start = MSG_BLK_START,
		.serving = MSG_BLK_SERVING,
		.open = open_all,
	};

	worker_fuzz(&kind, in);
}
