/* SPDX-License-Identifier: MIT */
/* Kernels, log files and ptys: what is opened, and what is refused in words. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/kernel.h"
#include "daemon/host/logfile.h"
#include "daemon/host/path.h"
#include "daemon/host/pty.h"
#include "tests/unit/scratch.h"

/* A file of size bytes with the given ones at offset. */
static void make_file(const char *name, size_t size, size_t offset,
		      const char *bytes, size_t n)
{
	int fd;

	scratch_file(name, (off_t)size, 0600);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, (off_t)offset), n);
	close(fd);
}

static const struct {
	const char *name; /* of a file made by test_kernel, or any path */
	const char *what;
	int rc; /* 0: a descriptor */
	const char *why;
} kernels[] = {
	{"elf", "kernel", 0, NULL},
	{"bzimage", "kernel", 0, NULL},
	{"gzip", "kernel", 0, NULL},
	{"link", "kernel", 0, NULL},
	{"text", "ramdisk", 0, NULL},
	{"most", "ramdisk", 0, NULL},
	{"text", "kernel", -ENOEXEC, "neither an ELF file nor a bzImage"},
	{"almost", "kernel", -ENOEXEC, "neither an ELF file nor a bzImage"},
	{"short", "kernel", -ENOEXEC, "neither an ELF file nor a bzImage"},
	{"empty", "ramdisk", -EINVAL, "empty"},
	{"large", "kernel", -EFBIG, "4097 bytes, more than the 4096"},
	{"missing", "kernel", -ENOENT, "no such file"},
	{"dangling", "ramdisk", -ENOENT, "no such file"},
	{"elf/below", "kernel", -ENOTDIR, "cannot open: Not a directory"},
	{".", "kernel", -EINVAL, "a directory, not a regular file"},
	{"fifo", "kernel", -EINVAL, "a FIFO, not a regular file"},
	{"new\nline", "kernel", -ENOENT, "/new\\x0aline: no such file"},
};

static void test_kernel(void **state)
{
	char path[SCRATCH_PATH_BYTES], prefix[160];
	struct err e;
	size_t i;
	int fd;

	(void)state;
	make_file("elf", 4000, 0, "\177ELF", 4);
	make_file("bzimage", 4000, 0x202, "HdrS", 4);
	make_file("gzip", 4000, 0, "\x1f\x8b\x08", 3);
	make_file("text", 4000, 0, "#!/bin/sh", 9);
	make_file("most", 4096, 0, "x", 1);
	make_file("almost", 4000, 0x201, "HdrS", 4);
	make_file("short", 3, 0, "\177EL", 3);
	make_file("empty", 0, 0, "", 0);
	make_file("large", 4097, 0, "\177ELF", 4);
	assert_int_equal(symlink("elf", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		scratch_path(path, kernels[i].name);
		fd = kernel_open(path, kernels[i].what, 4096, &e);
		if (kernels[i].rc == 0) {
			assert_true(fd >= 0);
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
			close(fd);
			continue;
		}
		assert_int_equal(fd, kernels[i].rc);
		assert_int_equal(e.code, -kernels[i].rc);
		assert_non_null(strstr(e.text, kernels[i].why));
		snprintf(prefix, sizeof(prefix), "%s: %s/", kernels[i].what,
			 scratch_dir());
		assert_memory_equal(e.text, prefix, strlen(prefix));
	}
	assert_int_equal(kernel_open("elf", "kernel", 4096, &e), -EINVAL);
	assert_string_equal(e.text, "kernel: elf: not an absolute path");
}

static void test_path_show(void **state)
{
	char shown[PATH_SHOWN_BYTES];
	char path[1024];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[PATH_SHOWN_BYTES - 1] = '\0';
	path_show(path, shown);
	assert_string_equal(shown, path);
	path[PATH_SHOWN_BYTES - 1] = 'a';
	path[PATH_SHOWN_BYTES] = '\0';
	path_show(path, shown);
	assert_int_equal(strlen(shown), PATH_SHOWN_BYTES - 1);
	assert_string_equal(shown + PATH_SHOWN_BYTES - 4, "...");
	/* An escape that does not fit is cut too, not left out in silence. */
	path[PATH_SHOWN_BYTES - 2] = '\n';
	path[PATH_SHOWN_BYTES - 1] = '\0';
	path_show(path, shown);
	assert_string_equal(shown + PATH_SHOWN_BYTES - 4, "...");
}

static void test_logfile(void **state)
{
	char logs[SCRATCH_PATH_BYTES], path[LOGFILE_PATH_BYTES], want[160];
	struct stat st;
	struct err e;
	int fd, again;

	(void)state;
	umask(0);
	scratch_path(logs, "logs");
	fd = logfile_open(logs, "web", path, &e);
	assert_true(fd >= 0);
	snprintf(want, sizeof(want), "%s/guest-web.log", logs);
	assert_string_equal(path, want);
	assert_int_equal(stat(logs, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);

	/* Each open goes on where the file ends. */
	assert_int_equal(write(fd, "one", 3), 3);
	again = logfile_open(logs, "web", path, &e);
	assert_true(again >= 0);
	assert_int_equal(write(again, "two", 3), 3);
	assert_int_equal(write(fd, "three", 5), 5);
	assert_int_equal(fstat(again, &st), 0);
	assert_int_equal(st.st_size, 11);
	close(fd);
	close(again);
}

static void test_logfile_refused(void **state)
{
	char logs[SCRATCH_PATH_BYTES], path[LOGFILE_PATH_BYTES];
	char long_name[LOGFILE_PATH_BYTES];
	struct err e;

	(void)state;
	scratch_path(logs, "bad");
	assert_int_equal(mkdir("bad", 0700), 0);
	assert_int_equal(symlink("/etc/hostname", "bad/guest-link.log"), 0);
	assert_int_equal(symlink("nowhere", "bad/guest-dangling.log"), 0);
	assert_int_equal(mkfifo("bad/guest-fifo.log", 0600), 0);
	assert_int_equal(mkdir("bad/guest-dir.log", 0700), 0);
	assert_int_equal(logfile_open(logs, "link", path, &e), -ELOOP);
	assert_non_null(strstr(e.text, "guest-link.log: a symbolic link"));
	assert_int_equal(logfile_open(logs, "dangling", path, &e), -ELOOP);
	assert_int_equal(access("bad/nowhere", F_OK), -1);
	assert_int_equal(logfile_open(logs, "fifo", path, &e), -ENXIO);
	assert_int_equal(logfile_open(logs, "dir", path, &e), -EISDIR);
	assert_int_equal(logfile_open(logs, "", path, &e), -EINVAL);
	assert_int_equal(logfile_open(logs, "../x", path, &e), -EINVAL);
	assert_int_equal(logfile_open(logs, "/x", path, &e), -EINVAL);
	memset(long_name, 'a', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(logfile_open(logs, long_name, path, &e),
			 -ENAMETOOLONG);

	make_file("plain", 1, 0, "x", 1);
	scratch_path(logs, "plain");
	assert_int_equal(logfile_open(logs, "web", path, &e), -ENOTDIR);
	scratch_path(logs, "no/parent");
	assert_int_equal(logfile_open(logs, "web", path, &e), -ENOENT);
	assert_non_null(strstr(e.text, "no/parent: cannot make"));
}

static void test_pty(void **state)
{
	char path[PTY_PATH_BYTES];
	const char sent[] = "a\r\nb\003\004\x7f";
	char got[sizeof(sent)] = "";
	struct termios modes;
	struct stat st;
	struct err e;
	int fd = pty_open(path, &e);
	int slave;

	(void)state;
	assert_true(fd >= 0);
	assert_memory_equal(path, "/dev/pts/", 9);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());

	/* Nobody has it open, and that shows from the start. */
	assert_int_equal(read(fd, got, sizeof(got)), -1);
	assert_int_equal(errno, EIO);

	slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &modes), 0);
	assert_false(modes.c_lflag & (ICANON | ECHO | ISIG));
	assert_false(modes.c_oflag & OPOST);

	/* Bytes pass as they are both ways, and none comes back as an echo. */
	assert_int_equal(write(fd, sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(read(slave, got, sizeof(got)), sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	assert_int_equal(read(fd, got, sizeof(got)), -1);
	memset(got, 0, sizeof(got));
	assert_int_equal(write(slave, sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(read(fd, got, sizeof(got)), sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	close(slave);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_path_show),
		cmocka_unit_test(test_logfile),
		cmocka_unit_test(test_logfile_refused),
		cmocka_unit_test(test_pty),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
