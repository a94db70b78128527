/* SPDX-License-Identifier: MIT */
/*
 * xn-console, told anything by xnd while guests do anything. Promise: each
 * guest that is to be added is served or refused, each that is to be removed
 * is; a malformed message ends the channel and no more; when told to stop it
 * says so and leaves nothing behind.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/worker.h"

/* xn-console's main(), which the Makefile gives this name. */
int worker_main(int argc, char **argv);

static int pty(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char path[64];

	promise(fd >= 0 && unlockpt(fd) == 0 &&
			ptsname_r(fd, path, sizeof(path)) == 0,
		"a pty");
	/* Once, so that the kernel reports that nobody has it open. */
	close(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
	return fd;
}

/* Pairs of a pty and a log; or of a client, who has typed, and its end. */
static void open_all(int fds[MSG_MAX_FDS], bool start)
{
	unsigned int i;

	for (i = 0; i < MSG_MAX_FDS; i += 2) {
		if (start) {
			fds[i] = pty();
			fds[i + 1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
			continue;
		}
		promise(socketpair(AF_UNIX, SOCK_STREAM, 0, fds + i) == 0 &&
				write(fds[i + 1], "typed\r", 6) == 6,
			"a client");
	}
}

static int run(void)
{
	char name[] = "xn-console";
	char *argv[] = {name, NULL};

	return worker_main(1, argv);
}

void fuzz_one(struct input *in)
{
	static const struct worker_kind kind = {
		.run = run,
		.start = MSG_CONSOLE_ADD,
		.serving = MSG_CONSOLE_SERVING,
		.many = true,
		.request = MSG_CONSOLE_REMOVE,
		.answer = MSG_CONSOLE_REMOVED,
		.open = open_all,
	};

	worker_fuzz(&kind, in);
}
