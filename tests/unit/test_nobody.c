/* SPDX-License-Identifier: MIT */
/*
 * What is left to a process that has become nobody, as the kernel tells its
 * parent and as it finds itself. Only root can become one, so without root these
 * are skipped. There is no way back, so each is a child.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "chan/nobody.h"
#include "tests/unit/child.h"
#include "tests/unit/scratch.h"

#define USER 2000000007

static bool become(void)
{
	struct err e;
	bool ok = nobody_become(USER, "empty", &e) == 0;

	if (!ok)
		fprintf(stderr, "%s\n", e.text);
	return ok;
}

/* ---- as its parent sees it ---- */

struct child {
	pid_t pid;
	int told[2], end[2]; /* pipes: it has become nobody; it may end */
};

static void *sleep_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

/* With a thread that is older than its change, and one that is not. */
static void child_main(struct child *c)
{
	const gid_t groups[] = {1, 2, 3};
	pthread_t early, late;
	char byte;

	close(c->end[1]);
	if (setgroups(3, groups) < 0 ||
	    pthread_create(&early, NULL, sleep_for_ever, NULL) != 0 ||
	    !become() ||
	    pthread_create(&late, NULL, sleep_for_ever, NULL) != 0 ||
	    write(c->told[1], "", 1) != 1)
		_exit(1);
	_exit(read(c->end[0], &byte, 1) == 0 ? 0 : 1);
}

static void child_start(struct child *c)
{
	char byte;

	assert_int_equal(pipe(c->told), 0);
	assert_int_equal(pipe(c->end), 0);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid == 0)
		child_main(c);
	close(c->told[1]);
	close(c->end[0]);
	assert_int_equal(read(c->told[0], &byte, 1), 1);
	close(c->told[0]);
}

static void child_end(struct child *c)
{
	int status;

	close(c->end[1]);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_int_equal(status, 0);
}

/* What a thread's status is to be, of the lines that begin so. */
static const char *const wanted[] = {
	"Uid:\t2000000007\t2000000007\t2000000007\t2000000007\n",
	"Gid:\t2000000007\t2000000007\t2000000007\t2000000007\n",
	"Groups:\t \n",
	"CapInh:\t0000000000000000\n",
	"CapPrm:\t0000000000000000\n",
	"CapEff:\t0000000000000000\n",
	"CapAmb:\t0000000000000000\n",
};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

static void check_thread(pid_t pid, const char *thread)
{
	char path[300], line[256];
	size_t found = 0, i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/status", (int)pid,
		 thread);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		for (i = 0; i < WANTED; i++)
			if (strncmp(line, wanted[i],
				    strcspn(wanted[i], ":") + 1) == 0) {
				assert_string_equal(line, wanted[i]);
				found++;
			}
	fclose(f);
	assert_int_equal(found, WANTED);
}

/* How many there are. */
static unsigned int check_threads(pid_t pid)
{
	struct dirent *entry;
	unsigned int n = 0;
	char path[40];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	assert_non_null(threads);
	while ((entry = readdir(threads)))
		if (isdigit((unsigned char)entry->d_name[0])) {
			check_thread(pid, entry->d_name);
			n++;
		}
	closedir(threads);
	return n;
}

static void check_link(pid_t pid, const char *name)
{
	char path[40], to[300], empty[SCRATCH_PATH_BYTES];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	scratch_path(empty, "empty");
	n = readlink(path, to, sizeof(to) - 1);
	assert_true(n > 0);
	to[n] = '\0';
	assert_string_equal(to, empty);
}

static void test_seen(void **state)
{
	struct child c;

	(void)state;
	need_root();
	child_start(&c);
	assert_true(check_threads(c.pid) >= 3);
	check_link(c.pid, "root");
	check_link(c.pid, "cwd");
	child_end(&c);
}

/* ---- as it finds itself ---- */

static bool failed(const char *what, int r, int code)
{
	if (r == -1 && errno == code)
		return true;
	fprintf(stderr, "%s: %d, errno %d, not %d\n", what, r, errno, code);
	return false;
}

static bool check_no_way_back(void)
{
	const gid_t root = 0;
	bool ok = become();

	ok &= failed("setresuid", setresuid(0, 0, 0), EPERM);
	ok &= failed("setresgid", setresgid(0, 0, 0), EPERM);
	ok &= failed("setgroups", setgroups(1, &root), EPERM);
	ok &= failed("chroot", chroot(".."), EPERM);
	ok &= failed("kill", kill(getppid(), 0), EPERM);
	return ok;
}

/* Where becoming another does not take them, in an unusual container. */
static bool check_securebits(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	bool ok = prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) == 0 &&
		  become() && syscall(SYS_capget, &header, caps) == 0;

	return ok && !caps[0].effective && !caps[1].effective &&
	       !caps[0].permitted && !caps[1].permitted &&
	       !caps[0].inheritable && !caps[1].inheritable;
}

static bool check_sees_nothing(void)
{
	struct stat here, above;
	bool ok = become();

	ok &= failed("open", open("/proc/self/status", O_RDONLY | O_CLOEXEC),
		     ENOENT);
	ok &= failed("create", open("file", O_CREAT | O_CLOEXEC, 0600), EACCES);
	ok &= failed("mkdir", mkdir("folder", 0700), EACCES);
	return ok && stat("/", &here) == 0 && stat("..", &above) == 0 &&
	       here.st_dev == above.st_dev && here.st_ino == above.st_ino;
}

/* Of a descriptor that it has, even if only root could open it. */
static bool check_descriptors(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char byte = 0;

	return fd >= 0 && become() && write(fd, "x", 1) == 1 &&
	       pread(fd, &byte, 1, 0) == 1 && byte == 'x';
}

static void test_no_way_back(void **state)
{
	(void)state;
	need_root();
	in_child(check_no_way_back);
}

static void test_securebits(void **state)
{
	(void)state;
	need_root();
	in_child(check_securebits);
}

static void test_sees_nothing(void **state)
{
	(void)state;
	need_root();
	in_child(check_sees_nothing);
}

static void test_descriptors(void **state)
{
	(void)state;
	need_root();
	in_child(check_descriptors);
}

static int enter(void **state)
{
	if (scratch_enter(state) < 0)
		return -1;
	/* Root's, and others may go there. */
	return chmod(".", 0755) < 0 ? -1 : mkdir("empty", 0555);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_no_way_back),
		cmocka_unit_test(test_securebits),
		cmocka_unit_test(test_sees_nothing),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
