/* SPDX-License-Identifier: MIT */
/* What a vif's front end may say of its rings, and what it may not. */
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
#include "daemon/device/vif_front.h"
#include "daemon/xs/job.h"
#include "daemon/xs/xs.h"
#include "tests/unit/fake_store.h"

#define FRONT	"/local/domain/7/device/vif/0"
#define NODES	16
#define OFFERED 3

#define COPY	"request-rx-copy=1"
#define RINGS	"tx-ring-ref=8", "rx-ring-ref=9"
#define SPLIT	"event-channel-tx=10", "event-channel-rx=11"
#define SHARED	"event-channel=10"

/* What the front end has, as KEY=VALUE, and what is made of it. */
static const struct row {
	const char *name;
	const char *nodes[NODES];
	const char *refused; /* the key, or NULL when it is not */
	uint32_t flags;
	struct msg_net_queue queue; /* the first */
	uint32_t queues;
} rows[] = {
	{"a port for both rings",
	 {COPY, RINGS, SHARED},
	 NULL,
	 0,
	 {10, 10, 8, 9},
	 1},
	{"a port for each", {COPY, RINGS, SPLIT}, NULL, 0, {10, 11, 8, 9}, 1},
	{"one queue, said so",
	 {COPY, RINGS, SPLIT, "multi-queue-num-queues=1"},
	 NULL,
	 0,
	 {10, 11, 8, 9},
	 1},
	{"two queues",
	 {COPY, "multi-queue-num-queues=2", "queue-0/tx-ring-ref=8",
	  "queue-0/rx-ring-ref=9", "queue-0/event-channel-tx=10",
	  "queue-0/event-channel-rx=11", "queue-1/tx-ring-ref=8",
	  "queue-1/rx-ring-ref=9", "queue-1/event-channel-tx=10",
	  "queue-1/event-channel-rx=11"},
	 NULL,
	 0,
	 {10, 11, 8, 9},
	 2},
	{"two queues of a port each",
	 {COPY, "multi-queue-num-queues=2", "queue-0/tx-ring-ref=8",
	  "queue-0/rx-ring-ref=9", "queue-0/event-channel=10",
	  "queue-1/tx-ring-ref=8", "queue-1/rx-ring-ref=9",
	  "queue-1/event-channel=10"},
	 NULL,
	 0,
	 {10, 10, 8, 9},
	 2},
	{"all features",
	 {COPY, RINGS, SHARED, "feature-sg=1", "feature-rx-notify=1",
	  "feature-gso-tcpv4=1", "feature-gso-tcpv6=1",
	  "feature-no-csum-offload=1", "feature-ipv6-csum-offload=1"},
	 NULL,
	 63,
	 {10, 10, 8, 9},
	 1},
	{"features that are off, or nonsense",
	 {COPY, RINGS, SHARED, "feature-sg=0",
	  "feature-rx-notify=", "feature-gso-tcpv4=-1", "feature-gso-tcpv6=2"},
	 NULL,
	 0,
	 {10, 10, 8, 9},
	 1},
	{"a control ring",
	 {COPY, RINGS, SHARED, "ctrl-ring-ref=20", "event-channel-ctrl=21"},
	 NULL,
	 MSG_NET_CTRL,
	 {10, 10, 8, 9},
	 1},
	{"a control ring's port, and no ring",
	 {COPY, RINGS, SHARED, "event-channel-ctrl=21"},
	 NULL,
	 0,
	 {10, 10, 8, 9},
	 1},

#define REFUSED(key) key, 0, {0, 0, 0, 0}, 0
	{"nothing", {NULL}, REFUSED("request-rx-copy")},
	{"flipped pages",
	 {"request-rx-copy=0", RINGS, SHARED},
	 REFUSED("request-rx-copy")},
	{"no ring to send",
	 {COPY, "rx-ring-ref=9", SHARED},
	 REFUSED("tx-ring-ref")},
	{"no ring to receive",
	 {COPY, "tx-ring-ref=9", SHARED},
	 REFUSED("rx-ring-ref")},
	{"no port", {COPY, RINGS}, REFUSED("event-channel")},
	{"half of its ports",
	 {COPY, RINGS, "event-channel-tx=10"},
	 REFUSED("event-channel-rx")},
	{"a ring that is no number",
	 {COPY, "tx-ring-ref=-1", "rx-ring-ref=9", SHARED},
	 REFUSED("tx-ring-ref")},
	{"a port beyond 32 bits",
	 {COPY, RINGS, "event-channel=4294967296"},
	 REFUSED("event-channel")},
	{"no queue",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=0"},
	 REFUSED("multi-queue-num-queues is \"0\"")},
	{"too many queues",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=4"},
	 REFUSED("multi-queue-num-queues")},
	{"2^32 queues",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=4294967296"},
	 REFUSED("multi-queue-num-queues")},
	{"-1 queues",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=-1"},
	 REFUSED("multi-queue-num-queues")},
	{"a number of queues that is none",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=abc"},
	 REFUSED("multi-queue-num-queues is \"abc\"")},
	{"an empty number of queues",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues="},
	 REFUSED("multi-queue-num-queues is \"\"")},
	{"a queue short",
	 {COPY, RINGS, SHARED, "multi-queue-num-queues=2",
	  "queue-0/tx-ring-ref=8", "queue-0/rx-ring-ref=9",
	  "queue-0/event-channel=10"},
	 REFUSED("queue-1/tx-ring-ref")},
	{"a port short",
	 {COPY, "multi-queue-num-queues=2", "queue-0/tx-ring-ref=8",
	  "queue-0/rx-ring-ref=9", "queue-0/event-channel-tx=10"},
	 REFUSED("queue-0/event-channel-rx")},
	{"a control ring without a port",
	 {COPY, RINGS, SHARED, "ctrl-ring-ref=20"},
	 REFUSED("event-channel-ctrl")},
	{"a control ring that is no number",
	 {COPY, RINGS, SHARED, "ctrl-ring-ref=x", "event-channel-ctrl=21"},
	 REFUSED("ctrl-ring-ref")},
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

	for (key = vif_front_keys; *key; key++)
		values_want(v, *key, FRONT "/%s", *key);
	return v;
}

/* As the handshake does: once, and once more when there is more. */
static struct xs_values *read_keys(const struct row *row)
{
	struct xs_values *v = want(values_new());
	struct xs_values *more = values_new();
	struct xs_handle *xs;

	write_row(row);
	xs = xs_open(0);
	values_run(v, xs);
	if (vif_front_more(v, FRONT, OFFERED, more)) {
		values_free(v);
		v = want(more);
		values_run(v, xs);
	} else {
		values_free(more);
	}
	xs_close(xs);
	return v;
}

static void check_accepted(const struct row *row,
			   const struct msg_net_start *start)
{
	uint32_t i;

	if (start->flags != row->flags || start->n_queues != row->queues)
		fail_msg("%s: flags %u, %u queues", row->name, start->flags,
			 start->n_queues);
	for (i = 0; i < row->queues; i++)
		assert_memory_equal(&start->queues[i], &row->queue,
				    sizeof(row->queue));
	if (start->flags & MSG_NET_CTRL) {
		assert_int_equal(start->ctrl_ring_ref, 20);
		assert_int_equal(start->ctrl_port, 21);
	}
}

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct msg_net_start start = {.flags = 0};
		struct xs_values *v = read_keys(&rows[i]);
		struct err e = {0};
		int rc = vif_front_read(v, OFFERED, &start, &e);

		values_free(v);
		if (!rows[i].refused && rc != 0)
			fail_msg("%s: %s", rows[i].name, e.text);
		if (rows[i].refused && rc != -EPROTO)
			fail_msg("%s: %d", rows[i].name, rc);
		if (rows[i].refused && !strstr(e.text, rows[i].refused))
			fail_msg("%s: %s", rows[i].name, e.text);
		if (rc == 0)
			check_accepted(&rows[i], &start);
	}
}

static void test_wishes(void **state)
{
	static const struct {
		struct row row;
		uint32_t headroom;
		bool multicast;
	} wishes[] = {
		{{"none", {NULL}, NULL, 0, {0, 0, 0, 0}, 0}, 0, false},
		{{"both",
		  {"xdp-headroom=256", "request-multicast-control=1"},
		  NULL,
		  0,
		  {0, 0, 0, 0},
		  0},
		 256,
		 true},
		{{"neither",
		  {"xdp-headroom=0", "request-multicast-control=0"},
		  NULL,
		  0,
		  {0, 0, 0, 0},
		  0},
		 0,
		 false},
		{{"too much", {"xdp-headroom=32767"}, NULL, 0, {0, 0, 0, 0}, 0},
		 2048,
		 false},
		{{"nonsense",
		  {"xdp-headroom=-1", "request-multicast-control=yes"},
		  NULL,
		  0,
		  {0, 0, 0, 0},
		  0},
		 0,
		 false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct xs_values *v = read_keys(&wishes[i].row);

		assert_int_equal(vif_front_headroom(v), wishes[i].headroom);
		assert_int_equal(vif_front_multicast(v), wishes[i].multicast);
		values_free(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
