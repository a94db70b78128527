/* SPDX-License-Identifier: MIT */
/* A guest's wishes: their bounds, and how they outlive a worker. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/net/keeper.h"
#include "base/err.h"
#include "chan/msg.h"

#define QUEUES 2

static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t someone[6] = {0x00, 0x16, 0x3e, 1, 2, 3};

static const uint8_t *group(uint8_t n)
{
	static uint8_t address[6] = {0x01, 0x00, 0x5e};

	address[5] = n;
	return address;
}

static void test_multicast(void **state)
{
	struct wishes w = {0};
	uint8_t i;

	(void)state;
	assert_true(wishes_want(&w, everyone));
	assert_true(wishes_want(&w, someone));
	assert_false(wishes_want(&w, group(1)));
	assert_int_equal(wishes_add(&w, group(1)), 0);
	assert_int_equal(wishes_add(&w, group(1)), 0);
	assert_int_equal(w.n_addresses, 1);
	assert_true(wishes_want(&w, group(1)));
	assert_int_equal(wishes_add(&w, someone), -EINVAL);
	for (i = 2; i <= WISHES_MULTICAST_MAX; i++)
		assert_int_equal(wishes_add(&w, group(i)), 0);
	assert_int_equal(wishes_add(&w, group(200)), -ENOSPC);
	assert_int_equal(wishes_add(&w, group(64)), 0);
	wishes_delete(&w, group(200));
	assert_int_equal(w.n_addresses, WISHES_MULTICAST_MAX);
	wishes_delete(&w, group(1));
	assert_false(wishes_want(&w, group(1)));
	for (i = 2; i <= WISHES_MULTICAST_MAX; i++)
		assert_true(wishes_want(&w, group(i)));
	assert_int_equal(wishes_add(&w, group(200)), 0);
	for (i = 2; i <= WISHES_MULTICAST_MAX; i++)
		wishes_delete(&w, group(i));
	wishes_delete(&w, group(200));
	assert_int_equal(w.n_addresses, 0);
}

static void test_sound(void **state)
{
	struct wishes w = {0};

	(void)state;
	assert_true(wishes_are_sound(&w, 1));
	w.n_addresses = WISHES_MULTICAST_MAX + 1;
	assert_false(wishes_are_sound(&w, 1));
	w.n_addresses = WISHES_MULTICAST_MAX;
	assert_true(wishes_are_sound(&w, 1));
	w.hash.algorithm = 2;
	assert_false(wishes_are_sound(&w, 1));
	w.hash.algorithm = 1;
	w.hash.types = 16;
	assert_false(wishes_are_sound(&w, 1));
	w.hash.types = 15;
	w.hash.mapping_size = WISHES_MAPPING_MAX + 1;
	assert_false(wishes_are_sound(&w, 1));
	w.hash.mapping_size = 1;
	w.hash.mapping[WISHES_MAPPING_MAX - 1] = 2;
	assert_false(wishes_are_sound(&w, 2));
	assert_true(wishes_are_sound(&w, 3));
}

/* ---- the journal ---- */

struct file {
	int fd;
	uint8_t *map;
};

static int open_file(void **state)
{
	static struct file f;

	f.fd = memfd_create("journal", MFD_CLOEXEC);
	if (ftruncate(f.fd, MSG_NET_JOURNAL_BYTES) < 0)
		return -1;
	f.map = mmap(NULL, MSG_NET_JOURNAL_BYTES, PROT_READ | PROT_WRITE,
		     MAP_SHARED, f.fd, 0);
	*state = &f;
	return f.map == MAP_FAILED;
}

static int close_file(void **state)
{
	struct file *f = *state;

	munmap(f->map, MSG_NET_JOURNAL_BYTES);
	return close(f->fd);
}

/* As if the worker were killed: nothing is said to the file. */
static void keep(const struct file *f, uint8_t groups)
{
	struct keeper k = KEEPER_CLOSED;
	struct err e;
	uint8_t i;

	assert_int_equal(keeper_open(&k, f->fd, QUEUES, &e), 0);
	for (i = 1; i <= groups; i++)
		assert_int_equal(keeper_add(&k, group(i)), 0);
	keeper_close(&k);
}

static void test_successor(void **state)
{
	struct wishes_hash hash = {.algorithm = 1, .types = 3};
	struct keeper_copy copy = {0};
	struct keeper k = KEEPER_CLOSED;
	struct file *f = *state;
	struct err e;

	hash.mapping_size = 2;
	hash.mapping[1] = 1;
	memset(hash.key, 0x6d, sizeof(hash.key));
	assert_int_equal(keeper_open(&k, f->fd, QUEUES, &e), 0);
	keeper_look(&k, &copy);
	assert_int_equal(copy.wishes.n_addresses, 0);
	assert_int_equal(keeper_add(&k, group(1)), 0);
	keeper_set_hash(&k, &hash);
	assert_int_equal(keeper_add(&k, group(2)), 0);
	keeper_delete(&k, group(1));
	keeper_look(&k, &copy);
	assert_int_equal(copy.wishes.n_addresses, 1);
	keeper_close(&k);

	memset(&copy, 0, sizeof(copy));
	assert_int_equal(keeper_open(&k, f->fd, QUEUES, &e), 0);
	keeper_look(&k, &copy);
	assert_int_equal(copy.wishes.n_addresses, 1);
	assert_true(wishes_want(&copy.wishes, group(2)));
	assert_memory_equal(&copy.wishes.hash, &hash, sizeof(hash));
	keeper_close(&k);
}

/* A copy that was being written when the worker died: the other one counts. */
static void test_half_written(void **state)
{
	struct file *f = *state;
	struct journal j;
	struct wishes w;
	struct err e;
	unsigned int i, found = 0;

	keep(f, 3);
	for (i = 1; i <= 2; i++) {
		uint8_t saved[4096];

		memcpy(saved, f->map + 4096 * i, sizeof(saved));
		f->map[4096 * i + 100] ^= 1;
		assert_int_equal(journal_open(&j, f->fd, QUEUES, &w, &e), 0);
		found += w.n_addresses;
		journal_close(&j);
		memcpy(f->map + 4096 * i, saved, sizeof(saved));
	}
	assert_int_equal(found, 2 + 3);
}

static void expect_unsound(const struct file *f, const char *text)
{
	struct journal j;
	struct wishes w;
	struct err e;

	assert_int_equal(journal_open(&j, f->fd, QUEUES, &w, &e), -EUCLEAN);
	assert_string_equal(e.text, text);
	journal_close(&j);
}

static void test_not_sound(void **state)
{
	struct file *f = *state;

	keep(f, 2);
	f->map[4096 + 200] ^= 1;
	f->map[8192 + 200] ^= 1;
	expect_unsound(f, "journal: neither of its copies is sound");
	f->map[0] ^= 1;
	expect_unsound(f, "journal: not one of version 2");
	assert_int_equal(ftruncate(f->fd, 100), 0);
	expect_unsound(f, "journal: no file of 77824 bytes or more");
}

/* Written by a worker for more queues than there are now, and well sealed. */
static void test_beyond_bounds(void **state)
{
	struct wishes_hash hash = {.algorithm = 1, .mapping = {3}};
	struct file *f = *state;
	struct journal j;
	struct wishes w;
	struct err e;

	assert_int_equal(journal_open(&j, f->fd, 4, &w, &e), 0);
	w.hash = hash;
	journal_write(&j, &w);
	journal_write(&j, &w);
	journal_close(&j);
	expect_unsound(f, "journal: neither of its copies is sound");
}

/* Of two sound copies the later one, though numbers may wrap. */
static void test_number_wraps(void **state)
{
	struct file *f = *state;
	struct journal j;
	struct wishes w;
	struct err e;
	uint32_t i;

	assert_int_equal(journal_open(&j, f->fd, QUEUES, &w, &e), 0);
	j.number = UINT64_MAX - 2;
	for (i = 1; i <= 5; i++) {
		struct journal again;
		struct wishes found;

		w.n_addresses = i;
		journal_write(&j, &w);
		if (i == 1)
			continue; /* a number of another time is beside it */
		assert_int_equal(
			journal_open(&again, f->fd, QUEUES, &found, &e), 0);
		assert_int_equal(found.n_addresses, i);
		journal_close(&again);
	}
	journal_close(&j);
}

#define WITH_FILE(test) \
	cmocka_unit_test_setup_teardown(test, open_file, close_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_multicast), cmocka_unit_test(test_sound),
		WITH_FILE(test_successor),	  WITH_FILE(test_half_written),
		WITH_FILE(test_not_sound),	  WITH_FILE(test_beyond_bounds),
		WITH_FILE(test_number_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
