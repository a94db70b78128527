/* SPDX-License-Identifier: MIT */
/* What a disk's front end may say of its rings, and what it may not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xenstore.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/device/vbd_front.h"
#include "daemon/xs/job.h"
#include "daemon/xs/xs.h"
#include "tests/unit/fake_store.h"

#define FRONT "/local/domain/7/device/vbd/51712"
#define NODES 12

/* What the front end has, as KEY=VALUE, and what is made of it. */
static const struct row {
	const char *name;
	const char *nodes[NODES];
	const char *refused; /* the key, or NULL when it is not */
	uint32_t flags, queues, pages;
} rows[] = {
	{"one ring",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_64-abi"},
	 NULL,
	 0,
	 1,
	 1},
	{"x86_32",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_32-abi"},
	 NULL,
	 MSG_BLK_X86_32,
	 1,
	 1},
	{"no protocol",
	 {"ring-ref=8", "event-channel=9"},
	 NULL,
	 MSG_BLK_X86_32,
	 1,
	 1},
	{"persistent",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_64-abi",
	  "feature-persistent=1"},
	 NULL,
	 MSG_BLK_PERSISTENT,
	 1,
	 1},
	{"not persistent",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_64-abi",
	  "feature-persistent=0"},
	 NULL,
	 0,
	 1,
	 1},
	{"one queue, said so",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_64-abi",
	  "multi-queue-num-queues=1"},
	 NULL,
	 0,
	 1,
	 1},
	{"order 0, one name",
	 {"ring-ref=8", "event-channel=9", "protocol=x86_64-abi",
	  "ring-page-order=0"},
	 NULL,
	 0,
	 1,
	 1},
	{"order 0, the other name",
	 {"ring-ref0=8", "event-channel=9", "protocol=x86_64-abi",
	  "ring-page-order=0"},
	 NULL,
	 0,
	 1,
	 1},
	{"four pages",
	 {"ring-ref0=8", "ring-ref1=9", "ring-ref2=10", "ring-ref3=11",
	  "event-channel=9", "protocol=x86_64-abi", "ring-page-order=2"},
	 NULL,
	 0,
	 1,
	 4},
	{"three queues",
	 {"protocol=x86_64-abi", "multi-queue-num-queues=3",
	  "queue-0/ring-ref=8", "queue-0/event-channel=9",
	  "queue-1/ring-ref=10", "queue-1/event-channel=11",
	  "queue-2/ring-ref=12", "queue-2/event-channel=13"},
	 NULL,
	 0,
	 3,
	 1},
	{"two queues of two pages",
	 {"protocol=x86_64-abi", "multi-queue-num-queues=2",
	  "ring-page-order=1", "queue-0/ring-ref0=8", "queue-0/ring-ref1=9",
	  "queue-0/event-channel=9", "queue-1/ring-ref0=10",
	  "queue-1/ring-ref1=11", "queue-1/event-channel=11"},
	 NULL,
	 0,
	 2,
	 2},

	{"nothing", {NULL}, "event-channel", 0, 0, 0},
	{"no port", {"ring-ref=8"}, "event-channel", 0, 0, 0},
	{"no ring", {"event-channel=8"}, "ring-ref", 0, 0, 0},
	{"a ring that is no number",
	 {"ring-ref=-1", "event-channel=9"},
	 "ring-ref",
	 0,
	 0,
	 0},
	{"a strange protocol",
	 {"ring-ref=8", "event-channel=9", "protocol=arm-abi"},
	 "protocol",
	 0,
	 0,
	 0},
	{"no queue",
	 {"ring-ref=8", "event-channel=9", "multi-queue-num-queues=0"},
	 "multi-queue-num-queues",
	 0,
	 0,
	 0},
	{"too many queues",
	 {"ring-ref=8", "event-channel=9", "multi-queue-num-queues=4"},
	 "multi-queue-num-queues",
	 0,
	 0,
	 0},
	{"2^32 queues",
	 {"ring-ref=8", "event-channel=9", "multi-queue-num-queues=4294967296"},
	 "multi-queue-num-queues",
	 0,
	 0,
	 0},
	{"no number of queues",
	 {"ring-ref=8", "event-channel=9", "multi-queue-num-queues="},
	 "multi-queue-num-queues",
	 0,
	 0,
	 0},
	{"order 5",
	 {"ring-ref0=8", "event-channel=9", "ring-page-order=5"},
	 "ring-page-order",
	 0,
	 0,
	 0},
	{"order 32",
	 {"ring-ref0=8", "event-channel=9", "ring-page-order=32"},
	 "ring-page-order",
	 0,
	 0,
	 0},
	{"order -1",
	 {"ring-ref0=8", "event-channel=9", "ring-page-order=-1"},
	 "ring-page-order",
	 0,
	 0,
	 0},
	{"a page short",
	 {"ring-ref0=8", "event-channel=9", "ring-page-order=1"},
	 "ring-ref1",
	 0,
	 0,
	 0},
	{"a queue short",
	 {"multi-queue-num-queues=2", "queue-0/ring-ref=8",
	  "queue-0/event-channel=9"},
	 "queue-1/event-channel",
	 0,
	 0,
	 0},
};

static void write_row(const struct row *row)
{
	unsigned int i;

	store_clear();
	for (i = 0; i < NODES && row->nodes[i]; i++) {
		const char *value = strchr(row->nodes[i], '=') + 1;
		char path[100];

		snprintf(path, sizeof(path), FRONT "/%.*s",
			 (int)(value - 1 - row->nodes[i]), row->nodes[i]);
		store_write(path, value);
	}
}

static struct xs_values *want(struct xs_values *v)
{
	const char *const *key;

	for (key = vbd_front_keys; *key; key++)
		values_want(v, *key, FRONT "/%s", *key);
	return v;
}

/* As the handshake does: once, and once more when there is more. */
static int read_row(const struct row *row, struct msg_blk_start *start,
		    struct err *e)
{
	struct xs_values *v = want(values_new());
	struct xs_values *more = values_new();
	struct xs_handle *xs;
	int rc;

	write_row(row);
	xs = xs_open(0);
	values_run(v, xs);
	if (vbd_front_more(v, FRONT, 3, more)) {
		values_free(v);
		v = want(more);
		values_run(v, xs);
	} else {
		values_free(more);
	}
	rc = vbd_front_read(v, 3, start, e);
	values_free(v);
	xs_close(xs);
	return rc;
}

static void check_rings(const struct row *row,
			const struct msg_blk_start *start)
{
	uint32_t i, k, next = 8;

	if (start->n_queues != row->queues || start->ring_pages != row->pages)
		fail_msg("%s: %u queues of %u pages", row->name,
			 start->n_queues, start->ring_pages);
	for (i = 0; i < row->queues; i++) {
		for (k = 0; k < row->pages; k++)
			assert_int_equal(start->queues[i].ring_refs[k],
					 next + k);
		assert_int_equal(start->queues[i].port, 9 + 2 * i);
		next += 2;
	}
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct msg_blk_start start = {.flags = 0};
		struct err e = {0};
		int rc = read_row(&rows[i], &start, &e);

		if (!rows[i].refused && rc != 0)
			fail_msg("%s: %s", rows[i].name, e.text);
		if (rows[i].refused && rc != -EPROTO)
			fail_msg("%s: %d", rows[i].name, rc);
		if (rows[i].refused && !strstr(e.text, rows[i].refused))
			fail_msg("%s: %s", rows[i].name, e.text);
		if (rc == 0) {
			assert_int_equal(start.flags, rows[i].flags);
			check_rings(&rows[i], &start);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
