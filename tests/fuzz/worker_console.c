/* SPDX-License-Identifier: MIT */
/*
 * xn-console, told anything by xnd while guests do anything. Promise: each
 * guest that is to be added is served or refused, each that is to be removed
 * is; a malformed message ends the channel and no more; when told to stop it
 * says so and leaves nothing behind.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/worker.h"

/* A pty and a log, or a client; nobody is at their other ends any more. */
static void open_all(int fds[MSG_MAX_FDS])
{
	unsigned int i;
	int pair[2];

	for (i = 0; i < MSG_MAX_FDS; i += 2) {
		promise(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
			"a client");
		close(pair[1]);
		fds[i] = pair[0];
		fds[i + 1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
}

void fuzz_one(struct input *in)
{
	static const struct worker_kind kind = {
		.start = MSG_CONSOLE_ADD,
		.serving = MSG_CONSOLE_SERVING,
		.many = true,
		.request = MSG_CONSOLE_REMOVE,
		.answer = MSG_CONSOLE_REMOVED,
		.open = open_all,
	};

	worker_fuzz(&kind, in);
}
