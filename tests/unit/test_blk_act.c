/* SPDX-License-Identifier: MIT */
/* A request's operations, whatever comes of each: done means all of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/act.h"
#include "backends/blk/store.h"
#include "backends/blk/uring.h"
#include "base/err.h"

#define BYTES 4096

/* Results of a request of 4096 bytes in turn, and what each leads to. */
static const struct {
	const char *name;
	enum blk_op op;
	bool flush_first;
	struct {
		int result, rc;
	} steps[12];
} rows[] = {
	{"read at once", BLK_READ, false, {{4096, 1}}},
	{"write at once", BLK_WRITE, false, {{4096, 1}}},
	{"in three parts", BLK_READ, false, {{512, 0}, {2048, 0}, {1536, 1}}},
	{"short, then the end", BLK_READ, false, {{512, 0}, {0, -ENODATA}}},
	{"nothing there", BLK_READ, false, {{0, -ENODATA}}},
	{"nothing written", BLK_WRITE, false, {{0, -ENODATA}}},
	{"fails", BLK_READ, false, {{-EIO, -EIO}}},
	{"short, then fails",
	 BLK_WRITE,
	 false,
	 {{3584, 0}, {-ENOSPC, -ENOSPC}}},
	{"interrupted", BLK_WRITE, false, {{-EINTR, 0}, {4096, 1}}},
	{"short and again",
	 BLK_READ,
	 false,
	 {{512, 0}, {-EAGAIN, 0}, {3584, 1}}},
	{"never more than again",
	 BLK_READ,
	 false,
	 {{-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, 0},
	  {-EAGAIN, -EAGAIN}}},
	{"flush", BLK_FLUSH, true, {{0, 1}}},
	{"flush fails", BLK_FLUSH, true, {{-EIO, -EIO}}},
	{"flush, then write", BLK_WRITE, true, {{0, 0}, {4096, 1}}},
	{"flush again, then write",
	 BLK_WRITE,
	 true,
	 {{-EAGAIN, 0}, {0, 0}, {512, 0}, {3584, 1}}},
	{"discard", BLK_DISCARD, false, {{0, 1}}},
	{"discard again", BLK_DISCARD, false, {{-EINTR, 0}, {0, 1}}},
	{"discard not supported",
	 BLK_DISCARD,
	 false,
	 {{-EOPNOTSUPP, -EOPNOTSUPP}}},
	{"read not supported", BLK_READ, false, {{-EOPNOTSUPP, -EOPNOTSUPP}}},
	{"flush fails before write", BLK_WRITE, true, {{-EIO, -EIO}}},
};

static struct uring *open_pinned(uint8_t *memory)
{
	struct err e;
	struct uring *u = uring_open(&e);

	if (u && uring_enable(u) == 0)
		uring_store(u)->ops->pin(uring_store(u), 0, memory, BYTES);
	return u;
}

static void test_rows(void **state)
{
	uint8_t *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slot slot = {
			.piece = {.at = memory},
			.io =
				{
					.op = rows[i].op,
					.flush_first = rows[i].flush_first,
					.bytes = rows[i].op == BLK_FLUSH
							 ? 0
							 : BYTES,
				},
		};
		struct uring *u = open_pinned(memory);
		int rc = 0;

		if (!u)
			skip(); /* this kernel has no io_uring for us */
		act_begin(uring_store(u), &slot);
		for (k = 0; rc == 0; k++) {
			rc = act_advance(uring_store(u), &slot,
					 rows[i].steps[k].result);
			if (rc != rows[i].steps[k].rc)
				fail_msg("%s: step %zu gave %d", rows[i].name,
					 k, rc);
		}
		if (rc == 1 && rows[i].op != BLK_DISCARD)
			assert_int_equal(slot.moved, slot.io.bytes);
		uring_close(u);
	}
	munmap(memory, BYTES);
}

/* The rest of a short read comes from where it stopped, to where it stopped. */
static void test_continues(void **state)
{
	uint8_t *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct slot slot = {
		.number = 9,
		.piece = {.at = memory},
		.io = {.op = BLK_READ, .bytes = 1024, .offset = 512},
		.moved = 512,
	};
	int fd = memfd_create("image", MFD_CLOEXEC);
	struct uring *u = open_pinned(memory);
	struct store_done done = {0};
	struct store *store;

	(void)state;
	if (!u)
		skip();
	assert_int_equal(pwrite(fd, "here", 4, 1024), 4);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(uring_set_image(u, fd), 0);
	store = uring_store(u);
	act_begin(store, &slot);
	assert_int_equal(store->ops->submit(store), 0);
	while (store->ops->reap(store, &done, 1) == 0)
		usleep(100);
	assert_int_equal(done.tag, 9);
	assert_int_equal(act_advance(store, &slot, done.result), 1);
	assert_memory_equal(memory + 512, "here", 4);
	assert_int_equal(memory[0], 0);
	uring_close(u);
	close(fd);
	munmap(memory, BYTES);
}

static struct {
	uint64_t offset, bytes;
} pieces[8];
static unsigned int n_pieces;

static void note_piece(struct store *s, uint64_t tag, uint64_t offset,
		       uint64_t bytes)
{
	(void)s;
	assert_int_equal(tag, 9);
	assert_true(n_pieces < 8);
	pieces[n_pieces].offset = offset;
	pieces[n_pieces++].bytes = bytes;
}

/* A large discard goes in pieces, one after the other, that end evenly. */
static void test_discard_in_pieces(void **state)
{
	static const struct store_ops ops = {.discard = note_piece};
	struct store store = {&ops};
	struct slot slot = {
		.number = 9,
		.io = {.op = BLK_DISCARD,
		       .offset = 3u << 20,
		       .bytes = 200u << 20},
	};

	(void)state;
	act_begin(&store, &slot);
	assert_int_equal(act_advance(&store, &slot, 0), 0);
	assert_int_equal(act_advance(&store, &slot, -EINTR), 0);
	assert_int_equal(act_advance(&store, &slot, 0), 0);
	assert_int_equal(act_advance(&store, &slot, 0), 0);
	assert_int_equal(act_advance(&store, &slot, 0), 1);
	assert_int_equal(n_pieces, 5);
	assert_int_equal(pieces[0].offset, 3 << 20);
	assert_int_equal(pieces[0].bytes, 61 << 20);
	assert_int_equal(pieces[1].offset, 64 << 20);
	assert_memory_equal(&pieces[1], &pieces[2], sizeof(pieces[1]));
	assert_int_equal(pieces[3].offset, 128 << 20);
	assert_int_equal(pieces[3].bytes, 64 << 20);
	assert_int_equal(pieces[4].offset, 192 << 20);
	assert_int_equal(pieces[4].bytes, 11 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discard_in_pieces),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_continues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
