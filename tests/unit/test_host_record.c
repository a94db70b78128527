/* SPDX-License-Identifier: MIT */
/* Records of domains: what one xnd writes, the next one reads. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/record.h"
#include "tests/unit/scratch.h"

#define UUID_A "11111111-2222-3333-4444-555555555555"
#define UUID_B "11111111-2222-3333-4444-666666666666"

struct seen {
	unsigned int count;
	char uuid[4][40];
	struct record record[4];
};

static void on_record(const char *uuid, const struct record *record, void *arg)
{
	struct seen *s = arg;

	assert_true(s->count < 4);
	snprintf(s->uuid[s->count], sizeof(s->uuid[0]), "%s", uuid);
	s->record[s->count++] = *record;
}

static struct records *open_in_scratch(void)
{
	char path[SCRATCH_PATH_BYTES];
	struct records *r;
	struct err e;

	scratch_path(path, "run/domains");
	r = records_open(path, &e);
	assert_non_null(r);
	return r;
}

static struct seen read_all(void)
{
	struct records *r = open_in_scratch();
	struct seen s = {0};
	struct err e;

	assert_int_equal(records_each(r, on_record, &s, &e), 0);
	records_close(r);
	return s;
}

static void write_record(const char *uuid, const struct record *record)
{
	struct records *r = open_in_scratch();
	struct err e;

	assert_int_equal(record_write(r, uuid, record, &e), 0);
	records_close(r);
}

static void write_one(const char *uuid, uint32_t domid, bool made)
{
	write_record(uuid, &(struct record){.domid = domid, .made = made});
}

static void remove_one(const char *uuid)
{
	struct records *r = open_in_scratch();

	record_remove(r, uuid);
	records_close(r);
}

static void put(const char *name, const char *text)
{
	char path[SCRATCH_PATH_BYTES];
	FILE *f;

	scratch_path(path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void record_outlives_its_writer(void **state)
{
	struct seen s;

	(void)state;
	write_one(UUID_A, 0, false);
	s = read_all();
	assert_int_equal(s.count, 1);
	assert_string_equal(s.uuid[0], UUID_A);
	assert_int_equal(s.record[0].domid, 0);
	assert_false(s.record[0].made);

	write_one(UUID_A, 7, true);
	s = read_all();
	assert_int_equal(s.count, 1);
	assert_int_equal(s.record[0].domid, 7);
	assert_true(s.record[0].made);

	write_one(UUID_B, 8, false);
	assert_int_equal(read_all().count, 2);
	remove_one(UUID_A);
	remove_one(UUID_A);
	s = read_all();
	assert_int_equal(s.count, 1);
	assert_string_equal(s.uuid[0], UUID_B);
	remove_one(UUID_B);
	assert_int_equal(read_all().count, 0);
}

static void record_has_macs(void **state)
{
	struct record record = {.domid = 32751, .n_macs = RECORD_MACS_MAX};
	unsigned int i;
	struct seen s;

	(void)state;
	for (i = 0; i < RECORD_MACS_MAX; i++)
		memcpy(record.macs[i],
		       (uint8_t[]){0, 0x16, 0x3e, 0xff, 0, (uint8_t)i},
		       MAC_BYTES);
	write_record(UUID_A, &record);
	s = read_all();
	assert_int_equal(s.count, 1);
	assert_int_equal(s.record[0].domid, record.domid);
	assert_int_equal(s.record[0].n_macs, record.n_macs);
	assert_memory_equal(s.record[0].macs, record.macs, sizeof(record.macs));
	/* All of them are gone with the next. */
	write_one(UUID_A, 7, true);
	assert_int_equal(read_all().record[0].n_macs, 0);
	remove_one(UUID_A);
}

static void what_is_no_record_is_removed(void **state)
{
	static const char *const texts[] = {
		"",	     "7",
		"7 gone\n",  "x made\n",
		"-1 made\n", "99999 made\n",
		"7 made",    "7 made\nmore",
		"7  made\n", "32752 made\n",
		"7 made \n", "7 made 00:16:3e:00:00\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put("run/domains/" UUID_A, texts[i]);
		assert_int_equal(read_all().count, 0);
		assert_int_not_equal(access("run/domains/" UUID_A, F_OK), 0);
	}
	put("run/domains/name", "7 made\n");
	put("run/domains/.new", "7 ma"); /* killed while writing */
	assert_int_equal(read_all().count, 0);
	assert_int_not_equal(access("run/domains/name", F_OK), 0);
	assert_int_not_equal(access("run/domains/.new", F_OK), 0);
	put("run/domains/" UUID_A, "32751 made\n");
	assert_int_equal(read_all().count, 1);
	remove_one(UUID_A);
}

static void directory_that_cannot_be_is_named(void **state)
{
	char path[SCRATCH_PATH_BYTES];
	struct err e;

	(void)state;
	put("file", "");
	scratch_path(path, "file/domains");
	assert_null(records_open(path, &e));
	assert_non_null(strstr(e.text, path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_outlives_its_writer),
		cmocka_unit_test(record_has_macs),
		cmocka_unit_test(what_is_no_record_is_removed),
		cmocka_unit_test(directory_that_cannot_be_is_named),
	};

	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
