/* SPDX-License-Identifier: MIT */
/* Running a server as a child that does not outlive the test. */
#include "tests/unit/nbd_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static pid_t server;

static int try_connect(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX,
				       .sun_path = "nbd"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

int nbd_server_connect(void)
{
	int fd = try_connect();

	assert_true(fd >= 0);
	return fd;
}

/* Each looks at a client that says nothing as at one that has gone. */
static void start(const char *program, const char *arguments)
{
	char command[1024];
	int fd = -1, tries;

	assert_int_equal(server, 0);
	unlink("nbd");
	snprintf(command, sizeof(command), "exec %s %s", program, arguments);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	for (tries = 0; fd < 0 && tries < 6000; tries++) {
		usleep(10000);
		fd = try_connect();
	}
	if (fd < 0)
		fail_msg("does not listen: %s", command);
	close(fd);
}

void nbdkit_start(const char *arguments)
{
	start("nbdkit -f -U nbd", arguments);
}

void qemu_nbd_start(const char *arguments)
{
	start("qemu-nbd --persistent --shared=0 -k \"$PWD/nbd\"", arguments);
}

void nbd_server_tell(int signal)
{
	kill(server, signal);
}

void nbd_server_end(int signal)
{
	if (server == 0)
		return;
	kill(server, signal);
	waitpid(server, NULL, 0);
	server = 0;
}
