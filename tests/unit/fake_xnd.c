/* SPDX-License-Identifier: MIT */
/* A daemon that says what it is told to. */
#include "tests/unit/fake_xnd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void keep(int fd, const char *data, size_t size)
{
	if (write(fd, data, size) != (ssize_t)size)
		_exit(1);
}

static void serve_console(const struct fake_xnd *f, int fd)
{
	char data[256];
	ssize_t r;

	while ((r = read(fd, data, sizeof(data))) > 0) {
		keep(f->sent, data, (size_t)r);
		if (memchr(data, 'Q', (size_t)r))
			break;
	}
}

static void send_reply(int fd, const char *reply, int id)
{
	const char *mark = strstr(reply, "%d");

	if (mark)
		dprintf(fd, "%.*s%d%s", (int)(mark - reply), reply, id,
			mark + 2);
	else
		dprintf(fd, "%s", reply);
}

/* Answers lines until the client hangs up, or we do for want of replies. The replies not yet used. */
static const char *const *serve(const struct fake_xnd *f, int fd,
				const char *const *replies)
{
	FILE *in = fdopen(fd, "r");
	char line[65536];
	const char *id;

	while (in && fgets(line, sizeof(line), in)) {
		const char *reply = *replies;

		keep(f->sent, line, strlen(line));
		if (!reply)
			break;
		replies++;
		id = strstr(line, "\"id\":");
		send_reply(fd, reply, id ? atoi(id + 5) : -1);
		if (reply[strlen(reply) - 1] != '\n') {
			serve_console(f, fd);
			break;
		}
	}
	fclose(in);
	return replies;
}

void fake_xnd_start(struct fake_xnd *f, const char *const *replies)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	static unsigned int count;
	int listener;

	snprintf(f->path, sizeof(f->path), "/tmp/xn-fake.%d.%u", (int)getpid(),
		 count++);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	f->sent = fake_xnd_file();
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (const struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	assert_int_equal(listen(listener, 4), 0);
	f->pid = fork();
	if (f->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd < 0)
				_exit(1);
			replies = serve(f, fd, replies);
		}
	}
	close(listener);
}

void fake_xnd_stop(struct fake_xnd *f, char *text, size_t size)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	unlink(f->path);
	fake_xnd_read(f->sent, text, size);
}

pid_t fake_xnd_run(const struct fake_xnd *f, const char *const *args,
		   const int stdio[3])
{
	const char *argv[16] = {"xn"};
	pid_t pid = fork();
	int i;

	if (pid)
		return pid;
	for (i = 0; i < 14 && args[i]; i++)
		argv[i + 1] = args[i];
	for (i = 0; i < 3; i++)
		dup2(stdio[i], i);
	setenv("XN_SOCKET", f->path, 1);
	execv("cli/xn", (char *const *)argv);
	_exit(127);
}

int fake_xnd_file(void)
{
	int fd = memfd_create("fake-xnd", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

void fake_xnd_read(int fd, char *text, size_t size)
{
	ssize_t r = pread(fd, text, size - 1, 0);

	assert_true(r >= 0);
	text[r] = '\0';
	close(fd);
}
