/* SPDX-License-Identifier: MIT */
/* One image or export, several disks: who may, who waits for whose I/O. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/image.h"
#include "daemon/host/nbd_export.h"
#include "tests/unit/scratch.h"

#define WEB "11111111-1111-1111-1111-111111111111"
#define DB  "11111111-1111-1111-1111-111111111112"

static const struct image_use web_rw = {.uuid = WEB, .devid = 51712};
static const struct image_use web_rw2 = {.uuid = WEB, .devid = 51728};
static const struct image_use web_ro = {true, false, WEB, 51744};
static const struct image_use web_any = {false, true, WEB, 51712};
static const struct image_use db_rw = {.uuid = DB, .devid = 51712};
static const struct image_use db_ro = {true, false, DB, 51712};
static const struct image_use db_any = {false, true, DB, 51712};

static struct image *open_disk(const struct image_use *use, struct err *e)
{
	char path[SCRATCH_PATH_BYTES];
	struct image *im;

	scratch_path(path, "disk");
	im = image_open_for(path, use, e);
	if (im)
		image_set_user(im, "guest web");
	return im;
}

/* What another process hears: 0 or an errno. */
static int code_elsewhere(const struct image_use *use)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char path[SCRATCH_PATH_BYTES];

		scratch_path(path, "disk");
		execl("/proc/self/exe", "elsewhere", path,
		      use->read_only ? "ro" : "rw", use->uuid, (char *)NULL);
		_exit(255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The other process: opens, and ends with what came of it. */
static int elsewhere(char **argv)
{
	const struct image_use use = {strcmp(argv[2], "ro") == 0, false,
				      argv[3], 51712};
	struct err e = {0};
	struct image *im = image_open_for(argv[1], &use, &e);

	if (!im)
		return e.code;
	image_close(im);
	return 0;
}

static const struct {
	const struct image_use *first, *second;
	const char *refusal; /* NULL: they share */
} rules[] = {
	{&web_rw, &db_rw, "in use by guest web, which writes to it"},
	{&web_rw, &db_ro, "in use by guest web, which writes to it"},
	{&web_rw, &db_any, NULL},
	{&web_rw, &web_rw2, NULL},
	{&web_rw, &web_ro, NULL},
	{&web_ro, &db_ro, NULL},
	{&web_ro, &db_rw, "when all its users are read-only"},
	{&web_ro, &db_any, NULL},
	{&web_ro, &web_rw, NULL},
	{&web_any, &db_any, NULL},
	{&web_any, &db_ro, NULL},
	{&web_any, &db_rw, "in use by guest web"},
	{&web_any, &web_rw2, NULL},
};

static void test_rules(void **state)
{
	struct image *first, *second;
	struct err e;
	size_t i;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		first = open_disk(rules[i].first, &e);
		assert_non_null(first);
		second = open_disk(rules[i].second, &e);
		if (!second != !!rules[i].refusal)
			fail_msg("row %zu", i);
		if (!second) {
			assert_int_equal(e.code, EBUSY);
			assert_non_null(strstr(e.text, rules[i].refusal));
		}
		/* In either order, and nothing stays behind. */
		image_close(i % 2 ? first : second);
		image_close(i % 2 ? second : first);
		assert_int_equal(code_elsewhere(&db_rw), 0);
	}
}

/* Of an export likewise. */
static void test_rules_of_exports(void **state)
{
	static const char uri[] = "nbd://h/e";
	struct nbd_export *first, *second;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		first = nbd_export_open(uri, rules[i].first, &e);
		assert_non_null(first);
		nbd_export_set_user(first, "guest web");
		second = nbd_export_open(uri, rules[i].second, &e);
		if (!second != !!rules[i].refusal)
			fail_msg("row %zu", i);
		if (!second) {
			assert_int_equal(e.code, EBUSY);
			assert_non_null(strstr(e.text, "nbd://h/e: "));
			assert_non_null(strstr(e.text, rules[i].refusal));
		}
		nbd_export_close(i % 2 ? first : second);
		nbd_export_close(i % 2 ? second : first);
		first = nbd_export_open(uri, &db_rw, &e);
		assert_non_null(first);
		nbd_export_close(first);
	}
}

static const struct {
	const char *first, *second;
	bool same;
} names[] = {
	{"nbd://h/e", "nbd://H:10809/%65", true},
	{"nbd://h", "nbd://h:/", true},
	{"nbd://h:7/e", "nbd://h:007/e", true},
	{"nbd+unix:///e?socket=/a%20b", "nbd+unix:///%65?socket=/a b", true},
	{"nbd://h/e", "nbd://h/E", false},
	{"nbd://h/e", "nbd://h:1/e", false},
	{"nbd://h/e", "nbd://g/e", false},
	{"nbd+unix:///?socket=/s", "nbd+unix:///e?socket=/s", false},
	{"nbd+unix:///?socket=/s", "nbd+unix:///?socket=/S", false},
};

static void test_names_of_exports(void **state)
{
	struct nbd_export *first, *second;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		first = nbd_export_open(names[i].first, &web_rw, &e);
		assert_non_null(first);
		second = nbd_export_open(names[i].second, &db_rw, &e);
		if (!second != names[i].same)
			fail_msg("row %zu", i);
		nbd_export_close(first);
		nbd_export_close(second);
	}
	assert_null(nbd_export_open("nbd://h:0/e", &web_rw, &e));
	assert_non_null(strstr(e.text, "nbd://h:0/e: the port"));
}

/* What each of two disks keeps out is kept out until the last has gone. */
static void test_heir(void **state)
{
	struct image *first, *second;
	struct err e;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	first = open_disk(&web_rw, &e);
	second = open_disk(&web_rw2, &e);
	assert_int_equal(code_elsewhere(&db_ro), EBUSY);
	image_close(first);
	assert_int_equal(code_elsewhere(&db_ro), EBUSY);
	image_close(second);
	assert_int_equal(code_elsewhere(&db_rw), 0);

	first = open_disk(&web_rw, &e);
	second = open_disk(&db_any, &e);
	assert_int_equal(code_elsewhere(&db_ro), EBUSY);
	image_close(first);
	assert_int_equal(code_elsewhere(&db_rw), EBUSY);
	assert_int_equal(code_elsewhere(&db_ro), 0);
	image_close(second);
}

/* Each waits for its own predecessor's I/O and for nobody else's. */
static void test_in_flight(void **state)
{
	struct image *web, *twin, *db;
	struct err e;
	int one, two, three;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	web = open_disk(&web_any, &e);
	twin = open_disk(&web_rw2, &e);
	db = open_disk(&db_any, &e);
	one = image_worker_fd(web, &e);
	two = image_worker_fd(twin, &e);
	three = image_worker_fd(db, &e);
	assert_true(one >= 0 && two >= 0 && three >= 0);
	assert_int_equal(image_worker_fd(web, &e), -EAGAIN);
	assert_true(image_in_flight(web));
	close(two);
	close(three);
	assert_int_equal(image_worker_fd(web, &e), -EAGAIN);
	assert_false(image_in_flight(twin));
	assert_false(image_in_flight(db));
	two = image_worker_fd(db, &e);
	assert_true(two >= 0);
	close(one);
	assert_false(image_in_flight(web));
	one = image_worker_fd(web, &e);
	assert_true(one >= 0);
	close(one);
	close(two);
	image_close(web);
	image_close(twin);
	image_close(db);
}

/* Its former self's writes are still on their way when a guest is back. */
static void test_restarted(void **state)
{
	struct image *im;
	struct err e;
	int old, new;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	im = open_disk(&web_rw, &e);
	old = image_worker_fd(im, &e);
	assert_true(old >= 0);
	image_close(im);
	assert_null(open_disk(&db_rw, &e));
	assert_non_null(strstr(e.text, "a worker of an earlier guest"));
	assert_null(open_disk(&db_ro, &e));
	im = open_disk(&web_rw, &e);
	assert_non_null(im);
	assert_int_equal(image_worker_fd(im, &e), -EAGAIN);
	close(old);
	new = image_worker_fd(im, &e);
	assert_true(new >= 0);
	close(new);
	image_close(im);
	im = open_disk(&db_rw, &e);
	assert_non_null(im);
	image_close(im);
}

/* Another program's lock, and what overrides it. */
static void test_another_program(void **state)
{
	struct flock lock = {.l_type = F_WRLCK, .l_len = 1};
	struct image *im;
	struct err e;
	int fd;

	(void)state;
	scratch_file("disk", 1 << 20, 0600);
	fd = open("disk", O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	assert_null(open_disk(&web_rw, &e));
	assert_non_null(strstr(e.text, "another program has it locked"));
	im = open_disk(&web_any, &e);
	assert_non_null(im);
	close(fd);
	image_close(im);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rules_of_exports),
		cmocka_unit_test(test_names_of_exports),
		cmocka_unit_test(test_heir),
		cmocka_unit_test(test_in_flight),
		cmocka_unit_test(test_restarted),
		cmocka_unit_test(test_another_program),
	};

	if (argc == 4 && strcmp(argv[0], "elsewhere") == 0)
		return elsewhere(argv);
	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
