/* SPDX-License-Identifier: MIT */
/* The journal by itself: a request's life, and files that are none of ours. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/journal.h"
#include "base/err.h"

#define REQUESTS 8
#define START	 0xfffffffcu /* so that ring indices wrap early */

static const struct journal_geometry geometry = {2, REQUESTS};
static int file = -1;
static struct journal journal;
static struct err e;

static int begin(void **state)
{
	(void)state;
	file = memfd_create("journal", MFD_CLOEXEC);
	return ftruncate(file, MSG_BLK_JOURNAL_BYTES(2, REQUESTS));
}

static int end(void **state)
{
	(void)state;
	journal_close(&journal);
	return close(file);
}

/* Opens it as worker number generation; returns queue 1. */
static struct journal_queue *open_as(uint32_t generation)
{
	journal_close(&journal);
	if (journal_open(&journal, file, &geometry, generation, &e) < 0)
		fail_msg("%s", e.text);
	return &journal.queue[1];
}

static struct journal_backlog replay(struct journal_queue *q, uint32_t rsp_prod)
{
	struct journal_backlog b;

	if (journal_replay(q, rsp_prod, &b, &e) < 0)
		fail_msg("%s", e.text);
	return b;
}

static void take(struct journal_queue *q, unsigned int entry, uint8_t fill)
{
	uint8_t request[JOURNAL_REQUEST_BYTES];

	memset(request, fill, sizeof(request));
	journal_take(q, entry, request);
}

/* A used queue: entries 5, 3, 1 taken in this order, 5 answered and shown. */
static struct journal_queue *used(void)
{
	struct journal_queue *q = open_as(1);

	assert_int_equal(replay(q, START).n, 0);
	take(q, 5, 50);
	take(q, 3, 30);
	take(q, 1, 10);
	journal_commit(q);
	journal_answer(q, 5, START);
	return q;
}

static void test_new(void **state)
{
	struct journal_backlog b;
	unsigned int i;

	(void)state;
	open_as(1);
	for (i = 0; i < geometry.queues; i++) {
		b = replay(&journal.queue[i], START + i);
		assert_int_equal(b.n, 0);
		assert_int_equal(b.req_cons, START + i);
	}
	/* A second worker finds each where the first began. */
	open_as(2);
	for (i = 0; i < geometry.queues; i++)
		assert_int_equal(replay(&journal.queue[i], START + i).req_cons,
				 START + i);
}

static void test_life(void **state)
{
	uint8_t request[JOURNAL_REQUEST_BYTES];
	struct journal_queue *q = used();
	struct journal_backlog b;

	(void)state;
	journal_drop(q, 5);
	take(q, 5, 51); /* not committed */
	b = replay(open_as(2), START + 1);
	assert_int_equal(b.req_cons, START + 3);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.entries[0], 3);
	assert_int_equal(b.entries[1], 1);
	q = &journal.queue[1];
	journal_read(q, 1, request);
	assert_int_equal(request[JOURNAL_REQUEST_BYTES - 1], 10);
	take(q, 5, 52); /* the same request, taken again */
	journal_commit(q);
	b = replay(open_as(3), START + 1);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.entries[2], 5);
	assert_int_equal(b.req_cons, START + 4);
}

static void test_shown_answers_are_over(void **state)
{
	struct journal_backlog b;

	(void)state;
	used();
	b = replay(open_as(2), START + 1);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.entries[0], 3);
}

static void test_hidden_answers_are_not(void **state)
{
	struct journal_backlog b;

	(void)state;
	used();
	b = replay(open_as(2), START);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.entries[0], 5);
}

/*
 * Killed between mark and push; the successor answers another request under
 * the same number and is killed in turn.
 */
static void test_a_number_given_again(void **state)
{
	struct journal_queue *q;
	struct journal_backlog b;

	(void)state;
	used();
	q = open_as(2);
	assert_int_equal(replay(q, START).n, 3);
	journal_answer(q, 1, START);
	b = replay(open_as(3), START + 1);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.entries[0], 5);
	assert_int_equal(b.entries[1], 3);
}

/* ---- what cannot be ---- */

static struct journal_header *header(void)
{
	return journal.map;
}

static struct journal_area *area(void)
{
	return journal.queue[1].area;
}

static void no_magic(void)
{
	header()->magic ^= 1;
}

static void other_version(void)
{
	header()->version++;
}

static void fewer_queues(void)
{
	header()->queues = 1;
}

static void more_requests(void)
{
	header()->requests = UINT32_MAX;
}

static void later_generation(void)
{
	header()->generation = 2;
}

static void short_file(void)
{
	assert_int_equal(ftruncate(file, 4096 / 2), 0);
}

struct spoilt {
	const char *text; /* in the error */
	void (*spoil)(void);
};

static const struct spoilt bad_files[] = {
	{"so it is none", no_magic},
	{"of version 2, only 1 is known", other_version},
	{"for 1 queues of 8 requests, not for 2 of 8", fewer_queues},
	{"not for 2 of 8", more_requests},
	{"already used by worker number 2, and we are number 2",
	 later_generation},
	{"has 2048 bytes, fewer than the 2432 needed", short_file},
};

static void test_bad_files(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
		struct journal j = {0};

		begin(state);
		used();
		bad_files[i].spoil();
		assert_int_equal(journal_open(&j, file, &geometry, 2, &e),
				 -EUCLEAN);
		if (!strstr(e.text, bad_files[i].text))
			fail_msg("\"%s\" is not in: %s", bad_files[i].text,
				 e.text);
		assert_null(j.map);
		end(state);
	}
	begin(state);
}

static void test_bad_geometry(void **state)
{
	static const struct journal_geometry bad[] = {
		{0, 1}, {1, 0}, {17, 1}, {1, 513}, {UINT32_MAX, UINT32_MAX},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(journal_open(&journal, file, &bad[i], 1, &e),
				 -EINVAL);
}

static void seal(unsigned int entry)
{
	area()->entries[entry].seal = journal_seal(&area()->entries[entry]);
}

static void unknown_state(void)
{
	area()->entries[0].mark = 3;
}

static void numbered_free(void)
{
	area()->entries[0].mark = 5 << JOURNAL_STATE_BITS;
}

static void other_request(void)
{
	area()->entries[3].request[111] ^= 0x80;
}

static void other_number(void)
{
	area()->entries[3].number ^= 1ull << 63;
}

static void from_the_future(void)
{
	area()->entries[3].number += REQUESTS + 2;
	seal(3);
}

static void future_answer(void)
{
	area()->entries[5].number += 3;
	seal(5);
}

static void far_answer(void)
{
	area()->entries[5].mark += REQUESTS << JOURNAL_STATE_BITS;
}

static void old_answer(void)
{
	area()->entries[5].mark -= (REQUESTS + 1) << JOURNAL_STATE_BITS;
}

static void same_request(void)
{
	area()->entries[3] = area()->entries[1];
}

static void lost_request(void)
{
	area()->entries[3].mark = JOURNAL_FREE;
}

static void one_more_taken(void)
{
	area()->taken++;
}

static const struct spoilt bad_queues[] = {
	{"entry 0 is in no known state", unknown_state},
	{"entry 0 is in no known state", numbered_free},
	{"entry 3 has been overwritten", other_request},
	{"entry 3 has been overwritten", other_number},
	{"entry 3 holds a request that was never taken", from_the_future},
	{"entry 5 holds a request that was never taken", future_answer},
	{"entry 5 was answered as response", far_answer},
	{"entry 5 was answered as response", old_answer},
	{"holds the request of another", same_request},
	{"holds 2 requests without an answer, the ring 3", lost_request},
	{"holds 3 requests without an answer, the ring 4", one_more_taken},
};

/* The ring stands at START: the answer to entry 5 has not been shown. */
static void test_bad_queues(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(bad_queues) / sizeof(bad_queues[0]); i++) {
		struct journal_queue *q;
		struct journal_backlog b;
		uint8_t before[(1 + REQUESTS) * MSG_BLK_JOURNAL_UNIT];

		begin(state);
		used();
		bad_queues[i].spoil();
		q = open_as(2);
		memcpy(before, q->area, sizeof(before));
		assert_int_equal(journal_replay(q, START, &b, &e), -EUCLEAN);
		if (!strstr(e.text, bad_queues[i].text))
			fail_msg("\"%s\" is not in: %s", bad_queues[i].text,
				 e.text);
		assert_memory_equal(before, q->area, sizeof(before));
		end(state);
	}
	begin(state);
}

/* How far the ring is from what the journal says, and whether that can be. */
static void test_bad_rings(void **state)
{
	static const struct {
		uint32_t rsp_prod;
		int rc;
	} rings[] = {
		{START - 1, -EUCLEAN}, {START, 0},
		{START + 1, 0},	       {START + 2, -EUCLEAN},
		{START + 3, -EUCLEAN}, {START + 0x40000000, -EUCLEAN},
	};
	size_t i;

	for (i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		struct journal_backlog b;

		begin(state);
		used();
		assert_int_equal(
			journal_replay(open_as(2), rings[i].rsp_prod, &b, &e),
			rings[i].rc);
		end(state);
	}
	begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new, begin, end),
		cmocka_unit_test_setup_teardown(test_life, begin, end),
		cmocka_unit_test_setup_teardown(test_shown_answers_are_over,
						begin, end),
		cmocka_unit_test_setup_teardown(test_hidden_answers_are_not,
						begin, end),
		cmocka_unit_test_setup_teardown(test_a_number_given_again,
						begin, end),
		cmocka_unit_test_setup_teardown(test_bad_files, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_geometry, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_queues, begin, end),
		cmocka_unit_test_setup_teardown(test_bad_rings, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
