/* SPDX-License-Identifier: MIT */
/*
 * Requests that are neighbours in the image go there as one operation, and
 * are answered as if they had not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk/store.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/blk_wire.h"

#define IMAGE_BYTES   (1024 * 512)
#define PIECE_PAGES   11u /* of a request without indirect segments */
#define PIECE_SECTORS (PIECE_PAGES * 8)
#define OPS_MAX	      64

/* A store that does things at once and notes what it was asked for. */
static struct {
	struct store store;
	uint8_t image[IMAGE_BYTES];
	struct store_done done[OPS_MAX];
	unsigned int n_done;
	struct {
		uint64_t offset;
		uint32_t bytes;
	} ops[OPS_MAX];
	unsigned int n_ops;
	uint64_t bad;  /* a byte that cannot be read or written; 0: none is */
	uint32_t most; /* bytes that one operation does; 0: all */
} fake;

static int fake_listen(struct store *s, struct event_base *base,
		       event_callback_fn on_done, void *arg)
{
	(void)s, (void)base, (void)on_done, (void)arg;
	return 0;
}

static void fake_pin(struct store *s, unsigned int buffer, void *memory,
		     size_t bytes)
{
	(void)s, (void)buffer, (void)memory, (void)bytes;
}

static void fake_unpin(struct store *s, unsigned int buffer)
{
	(void)s, (void)buffer;
}

/* True when bytes of it may be moved; the operation has its end either way. */
static bool fake_op(uint64_t tag, uint32_t *bytes, uint64_t offset)
{
	bool fails =
		fake.bad && fake.bad >= offset && fake.bad - offset < *bytes;

	assert_true(fake.n_ops < OPS_MAX);
	assert_true(offset + *bytes <= IMAGE_BYTES);
	fake.ops[fake.n_ops].offset = offset;
	fake.ops[fake.n_ops++].bytes = *bytes;
	if (fake.most && *bytes > fake.most)
		*bytes = fake.most;
	fake.done[fake.n_done++] = (struct store_done){
		.tag = tag,
		.result = fails ? -EIO : (int)*bytes,
	};
	return !fails;
}

static void fake_read(struct store *s, uint64_t tag, unsigned int buffer,
		      void *at, uint32_t bytes, uint64_t offset)
{
	(void)s, (void)buffer;
	if (fake_op(tag, &bytes, offset))
		memcpy(at, fake.image + offset, bytes);
}

static void fake_write(struct store *s, uint64_t tag, unsigned int buffer,
		       const void *at, uint32_t bytes, uint64_t offset,
		       bool durable)
{
	(void)s, (void)buffer, (void)durable;
	if (fake_op(tag, &bytes, offset))
		memcpy(fake.image + offset, at, bytes);
}

static void fake_flush(struct store *s, uint64_t tag)
{
	(void)s;
	fake.done[fake.n_done++] = (struct store_done){.tag = tag};
}

static void fake_discard(struct store *s, uint64_t tag, uint64_t offset,
			 uint64_t bytes)
{
	(void)offset, (void)bytes;
	fake_flush(s, tag);
}

static int fake_submit(struct store *s)
{
	(void)s;
	return 0;
}

static unsigned int fake_reap(struct store *s, struct store_done *done,
			      unsigned int max)
{
	unsigned int n = fake.n_done;

	(void)s;
	assert_true(n <= max);
	memcpy(done, fake.done, n * sizeof(*done));
	fake.n_done = 0;
	return n;
}

static void fake_close(struct store *s)
{
	(void)s;
}

static const struct store_ops fake_ops = {
	.listen = fake_listen,
	.pin = fake_pin,
	.unpin = fake_unpin,
	.read = fake_read,
	.write = fake_write,
	.flush = fake_flush,
	.discard = fake_discard,
	.submit = fake_submit,
	.reap = fake_reap,
	.close = fake_close,
};

static int join_begin(void **state)
{
	int rc = served_begin(state);

	memset(&fake, 0, sizeof(fake));
	fake.store.ops = &fake_ops;
	served.store = &fake.store;
	return rc;
}

/* Request id: the id-th piece of the image, and of the guest's pages. */
static uint8_t *put_piece(uint64_t id, uint8_t op)
{
	uint8_t *req = guest_put(id, op, id * PIECE_SECTORS);
	uint32_t i;

	for (i = 0; i < PIECE_PAGES; i++)
		guest_add(req, (uint32_t)id * PIECE_PAGES + i, 0, 7);
	return req;
}

static void fill_pages(unsigned int seed)
{
	size_t i;

	for (i = 0; i < IMAGE_BYTES; i++)
		guest.pages[i / 4096][i % 4096] =
			(unsigned char)(i * 7 + i / 4096 + seed);
}

static void test_neighbours_are_one(void **state)
{
	uint64_t id;

	(void)state;
	served_start();
	fill_pages(1);
	for (id = 0; id < 5; id++)
		put_piece(id, BLKIF_OP_WRITE);
	for (id = 0; id < 5; id++)
		assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	assert_int_equal(fake.n_ops, 1);
	assert_int_equal(fake.ops[0].bytes, 5 * PIECE_SECTORS * 512);
	assert_memory_equal(fake.image, guest.pages, 5 * PIECE_SECTORS * 512);
	memset(guest.pages, 0, IMAGE_BYTES);
	for (id = 0; id < 5; id++)
		put_piece(id, BLKIF_OP_READ);
	for (id = 0; id < 5; id++)
		assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	assert_int_equal(fake.n_ops, 2);
	assert_memory_equal(fake.image, guest.pages, 5 * PIECE_SECTORS * 512);
}

static void test_not_too_many(void **state)
{
	uint64_t id;

	(void)state;
	served_start();
	fill_pages(4);
	for (id = 0; id < 7; id++)
		put_piece(id, BLKIF_OP_WRITE);
	for (id = 0; id < 7; id++)
		assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	assert_int_equal(fake.n_ops, 2);
	assert_int_equal(fake.ops[0].bytes, 5 * PIECE_SECTORS * 512);
	assert_int_equal(fake.ops[1].offset, 5 * PIECE_SECTORS * 512);
	assert_memory_equal(fake.image, guest.pages, 7 * PIECE_SECTORS * 512);
}

static void test_done_in_parts(void **state)
{
	uint64_t id;

	(void)state;
	served_start();
	fill_pages(2);
	fake.most = 5000 & ~511u; /* ends within a request, and a page */
	for (id = 0; id < 3; id++)
		put_piece(id, BLKIF_OP_WRITE);
	for (id = 0; id < 3; id++)
		assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
	assert_memory_equal(fake.image, guest.pages, 3 * PIECE_SECTORS * 512);
}

static void test_one_fails_alone(void **state)
{
	uint64_t id;

	(void)state;
	served_start();
	fill_pages(3);
	fake.bad = 2 * PIECE_SECTORS * 512 + 4097;
	for (id = 0; id < 4; id++)
		put_piece(id, BLKIF_OP_WRITE);
	for (id = 0; id < 4; id++)
		assert_int_equal(served_status(id),
				 id == 2 ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	assert_int_equal(fake.n_ops, 1 + 4);
	assert_memory_equal(fake.image, guest.pages, 2 * PIECE_SECTORS * 512);
	assert_memory_equal(fake.image + 3 * PIECE_SECTORS * 512,
			    guest.pages[3 * PIECE_PAGES], PIECE_SECTORS * 512);
}

static void test_bad_grant_is_left_out(void **state)
{
	uint64_t id;

	(void)state;
	served_start();
	put_piece(0, BLKIF_OP_WRITE);
	guest_add(guest_put(1, BLKIF_OP_WRITE, PIECE_SECTORS), GUEST_PAGES + 1,
		  0, 7);
	guest_add(guest_put(2, BLKIF_OP_WRITE, PIECE_SECTORS + 8), 0, 0, 7);
	for (id = 0; id < 3; id++)
		assert_int_equal(served_status(id),
				 id == 1 ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	assert_int_equal(fake.n_ops, 2);
}

/* Each row: two requests that stay two, and why. */
static const struct {
	const char *name;
	uint8_t ops[2];
	uint64_t sectors[2];
	uint8_t last; /* sector of the first one's page */
} apart[] = {
	{"a hole", {BLKIF_OP_READ, BLKIF_OP_READ}, {0, 16}, 7},
	{"backwards", {BLKIF_OP_READ, BLKIF_OP_READ}, {8, 0}, 7},
	{"the same", {BLKIF_OP_WRITE, BLKIF_OP_WRITE}, {8, 8}, 7},
	{"other ways", {BLKIF_OP_READ, BLKIF_OP_WRITE}, {0, 8}, 7},
	{"part of a page", {BLKIF_OP_READ, BLKIF_OP_READ}, {0, 4}, 3},
	{"a barrier", {BLKIF_OP_WRITE, BLKIF_OP_WRITE_BARRIER}, {0, 8}, 7},
	{"behind one", {BLKIF_OP_WRITE_BARRIER, BLKIF_OP_WRITE}, {0, 8}, 7},
};

static void test_others_stay_apart(void **state)
{
	size_t row;
	uint64_t id;

	(void)state;
	served_start();
	for (row = 0; row < sizeof(apart) / sizeof(apart[0]); row++) {
		fake.n_ops = 0;
		guest_add(
			guest_put(0, apart[row].ops[0], apart[row].sectors[0]),
			0, 0, apart[row].last);
		guest_add(
			guest_put(1, apart[row].ops[1], apart[row].sectors[1]),
			1, 0, 7);
		for (id = 0; id < 2; id++)
			assert_int_equal(served_status(id), BLKIF_RSP_OKAY);
		if (fake.n_ops != 2)
			fail_msg("%s: %u operations", apart[row].name,
				 fake.n_ops);
	}
}

/* Small ones that are no neighbours. */
static void put_small(void)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		guest_add(guest_put(i, BLKIF_OP_READ, i * 16), i, 0, 7);
	for (i = 0; i < 16; i++)
		assert_int_equal(served_status(i), BLKIF_RSP_OKAY);
}

/*
 * This image does at once what it is asked. As soon as that is known, the
 * guest hears of the first few requests while the others are not done yet.
 */
static void test_answered_in_parts(void **state)
{
	(void)state;
	served_start();
	put_small();
	assert_int_equal(guest.shown, 16);
	guest.notified = 0;
	put_small();
	assert_int_equal(guest.shown, 16 + 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, join_begin, served_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_neighbours_are_one),	  TEST(test_not_too_many),
		TEST(test_done_in_parts),	  TEST(test_one_fails_alone),
		TEST(test_bad_grant_is_left_out), TEST(test_others_stay_apart),
		TEST(test_answered_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
