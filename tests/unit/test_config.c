/* SPDX-License-Identifier: MIT */
/* xnd.conf: what is taken, and the words for what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/config.h"

/* The text of the error follows "PATH:"; NULL when the file is good. */
#define TEXT(literal) literal, sizeof(literal) - 1
static const struct {
	const char *file;
	size_t size;
	const char *error;
} rows[] = {
	{TEXT(""), NULL},
	{TEXT("\n\n# nothing\n \t # indented\n"), NULL},
	{TEXT("debug=yes"), NULL},
	{TEXT("  debug\t =\t yes  # why not\n"), NULL},
	{TEXT("log_dir = /var/log/a#b\n"), NULL},
	{TEXT("build_timeout = 1\ndevice_timeout = 86400\n"), NULL},
	{TEXT("default_bridge = abcdefghijklmno\n"), NULL},
	{TEXT("debug\n"), "1: expected \"key = value\""},
	{TEXT("= yes\n"), "1: unknown key \"\" (xnd.conf(5) lists them)"},
	{TEXT("#\nsokcet = /s\n"),
	 "2: unknown key \"sokcet\" (xnd.conf(5) lists them)"},
	{TEXT("Debug = yes\n"),
	 "1: unknown key \"Debug\" (xnd.conf(5) lists them)"},
	{TEXT("\xff = yes\n"),
	 "1: unknown key \"\\xff\" (xnd.conf(5) lists them)"},
	{TEXT("debug = no\n\ndebug = no\n"), "3: debug is set a second time"},
	{TEXT("debug =\n"), "1: debug has no value"},
	{TEXT("debug = # yes\n"), "1: debug has no value"},
	{TEXT("debug = 1\n"), "1: debug: \"1\": is neither yes nor no"},
	{TEXT("debug = yes no\n"),
	 "1: debug: \"yes no\": is neither yes nor no"},
	{TEXT("debug = yes\r\n"), "1: a control character (0x0d)"},
	{TEXT("debug = y\0es\n"), "1: a control character (0x00)"},
	{TEXT("build_timeout = 0\n"),
	 "1: build_timeout: \"0\": is not a number of seconds, 1 to 86400"},
	{TEXT("build_timeout = 86401\n"),
	 "1: build_timeout: \"86401\": is not a number of seconds, 1 to 86400"},
	{TEXT("disk_queues = 1\ndisk_barriers = yes\n"), NULL},
	{TEXT("disk_queues = 0\n"),
	 "1: disk_queues: \"0\": is not a number of queues, 1 to 16"},
	{TEXT("disk_queues = 17\n"),
	 "1: disk_queues: \"17\": is not a number of queues, 1 to 16"},
	{TEXT("vif_queues = 8\n"), NULL},
	{TEXT("vif_queues = 0\n"),
	 "1: vif_queues: \"0\": is not a number of queues, 1 to 8"},
	{TEXT("vif_queues = 9\n"),
	 "1: vif_queues: \"9\": is not a number of queues, 1 to 8"},
	{TEXT("worker_uids = 65536\n"), NULL},
	{TEXT("worker_uids = 2147418112\n"), NULL},
	{TEXT("worker_uids = 0\n"),
	 "1: worker_uids: \"0\": is not the first of 65536 users, 65536 to "
	 "2147418112"},
	{TEXT("worker_uids = 65535\n"),
	 "1: worker_uids: \"65535\": is not the first of 65536 users, 65536 to "
	 "2147418112"},
	{TEXT("worker_uids = 2147418113\n"),
	 "1: worker_uids: \"2147418113\": is not the first of 65536 users, "
	 "65536 to 2147418112"},
	{TEXT("worker_uids = 4294967296\n"),
	 "1: worker_uids: \"4294967296\": is not the first of 65536 users, "
	 "65536 to 2147418112"},
	{TEXT("worker_uids = xn\n"),
	 "1: worker_uids: \"xn\": is not the first of 65536 users, 65536 to "
	 "2147418112"},
	{TEXT("disk_barriers = 1\n"),
	 "1: disk_barriers: \"1\": is neither yes nor no"},
	{TEXT("device_timeout = 10s\n"),
	 "1: device_timeout: \"10s\": is not a number of seconds, 1 to 86400"},
	{TEXT("log_dir = logs\n"),
	 "1: log_dir: \"logs\": is not an absolute path"},
	{TEXT("ovs_socket = db.sock\n"),
	 "1: ovs_socket: \"db.sock\": is not an absolute path"},
	{TEXT("socket = xnd.sock\n"),
	 "1: socket: \"xnd.sock\": is not an absolute path"},
	{TEXT("default_bridge = abcdefghijklmnop\n"),
	 "1: default_bridge: \"abcdefghijklmnop\": cannot be an interface's "
	 "name"},
	{TEXT("default_bridge = a/b\n"),
	 "1: default_bridge: \"a/b\": cannot be an interface's name"},
};

/* A fresh file's name in path (size at least 32). */
static void write_file(char *path, const char *text, size_t size)
{
	int fd;

	strcpy(path, "/tmp/xn-test-config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config c;
		struct err e = {0};
		char path[32];
		char expected[256];
		int rc;

		assert_int_equal(config_defaults(&c, &e), 0);
		write_file(path, rows[i].file, rows[i].size);
		rc = config_read(&c, path, &e);
		unlink(path);
		config_free(&c);
		if (!rows[i].error) {
			assert_int_equal(rc, 0);
			continue;
		}
		assert_int_equal(rc, -EINVAL);
		snprintf(expected, sizeof(expected), "%s:%s", path,
			 rows[i].error);
		assert_string_equal(e.text, expected);
	}
}

static void test_values(void **state)
{
	static const char text[] = "socket = /s\nlog_dir = /a b\n"
				   "default_bridge = br7\nbuild_timeout = 5\n"
				   "debug = yes\n";
	struct config c;
	struct err e;
	char path[32];

	(void)state;
	assert_int_equal(config_defaults(&c, &e), 0);
	write_file(path, text, sizeof(text) - 1);
	assert_int_equal(config_read(&c, path, &e), 0);
	unlink(path);
	assert_string_equal(c.socket, "/s");
	assert_string_equal(c.log_dir, "/a b");
	assert_string_equal(c.default_bridge, "br7");
	assert_int_equal(c.build_timeout_s, 5);
	assert_int_equal(c.device_timeout_s, 10);
	assert_int_equal(c.worker_timeout_s, 10);
	assert_int_equal(c.disk_queues, 4);
	assert_int_equal(c.vif_queues, 4);
	assert_int_equal(c.worker_uids, 2000000000);
	assert_false(c.disk_barriers);
	assert_true(c.debug);
	config_free(&c);
	config_free(&c);
	assert_null(c.socket);
}

/* A path of 107 bytes fits a sockaddr_un, one of 108 does not. */
static void test_socket_length(void **state)
{
	char text[] = "socket = /0123456789012345678901234567890123456789"
		      "012345678901234567890123456789012345678901234567890"
		      "1234567890123456";
	const size_t fits = sizeof("socket = ") - 1 + 107;
	struct config c;
	struct err e;
	char path[32];

	(void)state;
	assert_int_equal(strlen(text), fits + 1);
	assert_int_equal(config_defaults(&c, &e), 0);
	write_file(path, text, fits);
	assert_int_equal(config_read(&c, path, &e), 0);
	unlink(path);
	write_file(path, text, fits + 1);
	assert_int_equal(config_read(&c, path, &e), -EINVAL);
	unlink(path);
	assert_non_null(strstr(e.text, "is longer than the 107 bytes"));
	config_free(&c);
}

/* The whole of a file of the source tree; the caller frees it. */
static char *source_read(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

/*
 * The file that is installed names every key, in a comment that becomes a
 * good setting when its # is taken away; so does the man page.
 */
static void test_shipped(void **state)
{
	char *shipped = source_read("etc/xnd.conf");
	char *manual = source_read("doc/xnd.conf.5");
	char *help, *line, *rest;
	size_t size;
	FILE *out = open_memstream(&help, &size);
	struct config c;
	struct err e = {0};
	char path[32];

	(void)state;
	assert_int_equal(config_defaults(&c, &e), 0);
	write_file(path, shipped, strlen(shipped));
	assert_int_equal(config_read(&c, path, &e), 0);
	unlink(path);

	config_help(out);
	fclose(out);
	for (line = strtok_r(help, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char key[32], setting[40], macro[40], *at;

		assert_int_equal(sscanf(line, "%31s", key), 1);
		snprintf(setting, sizeof(setting), "\n#%s = ", key);
		at = strstr(shipped, setting);
		assert_non_null(at);
		at += 2;
		write_file(path, at, strcspn(at, "\n"));
		assert_int_equal(config_read(&c, path, &e), 0);
		unlink(path);
		snprintf(macro, sizeof(macro), "\n.BR %s ", key);
		assert_non_null(strstr(manual, macro));
	}
	config_free(&c);
	free(help);
	free(shipped);
	free(manual);
}

static void test_no_file(void **state)
{
	struct config c;
	struct err e;

	(void)state;
	assert_int_equal(config_defaults(&c, &e), 0);
	assert_int_equal(config_read(&c, "/nonexistent/xnd.conf", &e), -ENOENT);
	assert_string_equal(e.text, "/nonexistent/xnd.conf: cannot open: "
				    "No such file or directory");
	assert_int_equal(config_read(&c, "/", &e), -EISDIR);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_socket_length),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
