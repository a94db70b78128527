/* SPDX-License-Identifier: MIT */
/* Started in the foreground, as children; ended by their ids. */
#include "tests/unit/ovs_servers.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/scratch.h"

#define SCHEMA "/usr/share/openvswitch/vswitch.ovsschema"

bool ovs_servers_are_here(void)
{
	return geteuid() == 0 && access(SCHEMA, R_OK) == 0 &&
	       access("/dev/net/tun", R_OK | W_OK) == 0 &&
	       system("command -v ovsdb-server ovs-vswitchd ovs-vsctl "
		      ">/dev/null") == 0;
}

static pid_t start(const char *const argv[])
{
	pid_t pid = fork();
	int log;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	/* Its end is not the test's to wait for when that is killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log = open("ovs.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(log, 1);
	dup2(log, 2);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

/* A socket has a path before anybody listens there. */
static void await(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned int tries = 10000;

	assert_true(fd >= 0);
	assert_in_range(strlen(path), 1, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
	       --tries)
		usleep(1000);
	if (!tries)
		fail_msg("nobody listens at %s", path);
	close(fd);
}

void ovs_servers_start_database(struct ovs_servers *s)
{
	char remote[160];

	snprintf(remote, sizeof(remote), "--remote=punix:%s", s->socket);
	unlink(s->socket);
	s->database = start((const char *[]){"ovsdb-server", "conf.db", remote,
					     "--no-chdir",
					     "--unixctl=ovsdb.ctl", NULL});
	await(s->socket);
}

void ovs_servers_start_daemon(struct ovs_servers *s)
{
	char remote[160];

	snprintf(remote, sizeof(remote), "unix:%s", s->socket);
	s->daemon = start((const char *[]){"ovs-vswitchd", remote, "--no-chdir",
					   "--unixctl=vswitchd.ctl", NULL});
}

void ovs_servers_start(struct ovs_servers *s)
{
	memset(s, 0, sizeof(*s));
	scratch_path(s->socket, "db.sock");
	setenv("OVS_RUNDIR", scratch_dir(), 1);
	setenv("OVS_LOGDIR", scratch_dir(), 1);
	setenv("OVS_DBDIR", scratch_dir(), 1);
	setenv("OVS_SYSCONFDIR", scratch_dir(), 1);
	assert_int_equal(system("ovsdb-tool create conf.db " SCHEMA), 0);
	ovs_servers_start_database(s);
	ovs_servers_say(s, "--no-wait init");
	ovs_servers_start_daemon(s);
}

void ovs_servers_stop(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

const char *ovs_servers_say(struct ovs_servers *s, const char *words)
{
	static char said[2048];
	char command[512];
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command),
		 "ovs-vsctl --timeout=20 --db=unix:%s %s", s->socket, words);
	f = popen(command, "re");
	assert_non_null(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	if (pclose(f) != 0)
		fail_msg("%s: failed", command);
	if (n > 0 && said[n - 1] == '\n')
		said[n - 1] = '\0';
	return said;
}
