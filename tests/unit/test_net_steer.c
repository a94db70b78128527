/* SPDX-License-Identifier: MIT */
/*
 * Frames that come in on one queue's tap and are for another, or for nobody:
 * two queues' sources with a socket each for a tap, in one thread and in two.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/net/keeper.h"
#include "backends/net/source.h"
#include "backends/net/tap.h"
#include "backends/net/terms.h"
#include "backends/net/vif.h"
#include "base/err.h"
#include "chan/msg.h"
#include "chan/net_figures.h"
#include "xen/abi.h"

#define QUEUES 2
#define BYTES  60

static struct {
	struct terms terms;
	struct keeper keeper;
	struct inbox inboxes[QUEUES];
	struct net_figures figures[QUEUES];
	struct vif vifs[QUEUES];
	struct source sources[QUEUES];
	int wires[QUEUES];
} bed;

static void open_queue(unsigned int i)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	bed.wires[i] = pair[0];
	assert_int_equal(inbox_open(&bed.inboxes[i]), 0);
	bed.vifs[i] = (struct vif){
		.name = "d3/vif0",
		.domid = 3,
		.flags = MSG_NET_SG,
		.queue = i,
		.n_queues = QUEUES,
		.inboxes = bed.inboxes,
		.tap = pair[1],
		.figures = &bed.figures[i],
		.terms = &bed.terms,
		.keeper = &bed.keeper,
	};
	assert_int_equal(source_open(&bed.sources[i], &bed.vifs[i]), 0);
}

static int setup(void **state)
{
	const int fd = memfd_create("journal", MFD_CLOEXEC);
	struct err e;
	unsigned int i;

	(void)state;
	memset(&bed, 0, sizeof(bed));
	pthread_mutex_init(&bed.terms.lock, NULL);
	pthread_mutex_init(&bed.keeper.lock, NULL);
	if (ftruncate(fd, MSG_NET_JOURNAL_BYTES) < 0)
		return -1;
	assert_int_equal(keeper_open(&bed.keeper, fd, QUEUES, &e), 0);
	close(fd);
	for (i = 0; i < QUEUES; i++)
		open_queue(i);
	return 0;
}

static int teardown(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < QUEUES; i++) {
		source_close(&bed.sources[i]);
		inbox_close(&bed.inboxes[i]);
		close(bed.wires[i]);
		close(bed.vifs[i].tap);
	}
	keeper_close(&bed.keeper);
	return 0;
}

/* An IPv4 frame that is neither TCP nor UDP, from 10.0.0.n to 10.0.0.1. */
static void make_frame(uint8_t n, uint8_t frame[BYTES])
{
	static const uint8_t begin[] = {0,    0x16, 0x3e, 0, 0, 1, 0,
					0x16, 0x3e, 0,	  0, 2, 8, 0};

	memset(frame, n, BYTES);
	memcpy(frame, begin, sizeof(begin));
	memcpy(frame + 14, "\x45\0\0\x2e\0\0\0\0\x40\x01\0\0\x0a\0\0", 15);
	frame[29] = n;
	memcpy(frame + 30, "\x0a\0\0\x01", 4);
}

static void come(unsigned int queue, const uint8_t frame[BYTES])
{
	uint8_t packet[TAP_HEADER_BYTES + BYTES] = {0};
	const size_t header = sizeof(packet) - BYTES;

	memcpy(packet + header, frame, BYTES);
	assert_int_equal(send(bed.wires[queue], packet, sizeof(packet), 0),
			 (ssize_t)sizeof(packet));
}

/* What its source gives a queue in one pass; the first of them in *p. */
static unsigned int take(unsigned int queue, struct parcel *p)
{
	struct source *s = &bed.sources[queue];
	unsigned int n = 0;
	struct parcel next;
	struct err e;
	int rc;

	source_begin(s);
	do {
		rc = source_next(s, &next, &e);
		if (rc == 1 && n++ == 0)
			*p = next;
	} while (rc == 1 || rc == -EAGAIN);
	assert_int_equal(rc, 0);
	return n;
}

/* By addresses, all bits of which count: a key of ones and zeros. */
static void spread(uint32_t mapping_size)
{
	struct wishes_hash h = {
		.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ,
		.types = XEN_NETIF_CTRL_HASH_TYPE_IPV4,
		.mapping_size = mapping_size,
		.mapping = {1, 0},
	};

	memset(h.key, 0x5a, sizeof(h.key));
	keeper_set_hash(&bed.keeper, &h);
}

/* Where the guest has it go, by the wishes that are in force. */
static unsigned int due(const uint8_t frame[BYTES], struct hash *hash)
{
	struct keeper_copy known = {0};

	keeper_look(&bed.keeper, &known);
	*hash = hash_frame(&known.wishes.hash, frame, BYTES);
	assert_true(hash->known);
	return hash_queue(&known.wishes.hash, hash, QUEUES);
}

/* Without a word from the guest each frame stays where it came. */
static void test_no_wish(void **state)
{
	uint8_t frame[BYTES];
	struct parcel p;
	uint8_t n;

	(void)state;
	for (n = 1; n < 8; n++) {
		make_frame(n, frame);
		come(n % 2, frame);
		assert_int_equal(take(n % 2, &p), 1);
		assert_int_equal(take(!(n % 2), &p), 0);
		assert_int_equal(p.shape.n_extras, 0);
	}
}

static void check_extra(const struct parcel *p, const struct hash *hash)
{
	const struct netif_extra_info *extra = &p->shape.extras[0];
	uint32_t value;

	assert_int_equal(p->shape.n_extras, 1);
	assert_true(p->shape.flags & NETRXF_extra_info);
	assert_int_equal(extra->type, XEN_NETIF_EXTRA_TYPE_HASH);
	assert_int_equal(extra->flags, 0);
	assert_int_equal(extra->u.hash.type, _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	assert_int_equal(extra->u.hash.algorithm,
			 XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ);
	value = (uint32_t)extra->u.hash.value[0] |
		(uint32_t)extra->u.hash.value[1] << 8 |
		(uint32_t)extra->u.hash.value[2] << 16 |
		(uint32_t)extra->u.hash.value[3] << 24;
	assert_int_equal(value, hash->value);
}

static void test_spread(void **state)
{
	unsigned int seen[QUEUES] = {0}, mapped;

	(void)state;
	for (mapped = 0; mapped <= 2; mapped += 2) {
		uint8_t n;

		spread(mapped);
		for (n = 1; n < 32; n++) {
			uint8_t frame[BYTES];
			unsigned int to;
			struct hash hash;
			struct parcel p;

			make_frame(n, frame);
			to = due(frame, &hash);
			seen[to]++;
			come(0, frame);
			assert_int_equal(take(0, &p), to == 0);
			assert_int_equal(source_has_more(&bed.sources[1]),
					 to == 1);
			if (to == 1)
				assert_int_equal(take(1, &p), 1);
			assert_int_equal(p.size, BYTES);
			assert_memory_equal(p.data, frame, BYTES);
			check_extra(&p, &hash);
		}
	}
	assert_true(seen[0] && seen[1]);
	assert_int_equal(bed.figures[0].rx.dropped, 0);
}

/* A queue that takes nothing costs memory up to a bound, then frames. */
static void test_full(void **state)
{
	uint8_t frame[BYTES], n = 0;
	unsigned int i, taken, brought = 0;
	struct hash hash;
	struct parcel p;

	(void)state;
	spread(0);
	do
		make_frame(++n, frame);
	while (due(frame, &hash) != 1);
	for (i = 0; i < 4096; i++) {
		come(0, frame);
		assert_int_equal(take(0, &p), 0);
	}
	assert_true(bed.figures[0].rx.dropped > 0);
	while ((taken = take(1, &p)) > 0)
		brought += taken;
	assert_int_equal(brought + bed.figures[0].rx.dropped, 4096);
	assert_in_range(brought, 1024, 4095);
	come(0, frame);
	assert_int_equal(take(0, &p), 0);
	assert_int_equal(take(1, &p), 1);
}

static void test_multicast(void **state)
{
	static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 9};
	const struct msg_net_terms filter = {.flags = MSG_NET_MULTICAST};
	const struct msg_net_terms all = {0};
	uint8_t frame[BYTES];
	struct parcel p;
	struct err e;

	(void)state;
	make_frame(1, frame);
	memcpy(frame, group, sizeof(group));
	come(0, frame);
	assert_int_equal(take(0, &p), 1);
	assert_int_equal(terms_set(&bed.terms, &filter, 0, &e), 0);
	come(0, frame);
	assert_int_equal(take(0, &p), 0);
	assert_int_equal(bed.figures[0].filtered, 1);
	assert_int_equal(bed.figures[0].rx.dropped, 0);
	assert_int_equal(keeper_add(&bed.keeper, group), 0);
	come(0, frame);
	assert_int_equal(take(0, &p), 1);
	keeper_delete(&bed.keeper, group);
	come(0, frame);
	assert_int_equal(take(0, &p), 0);
	memset(frame, 0xff, 6);
	come(0, frame);
	assert_int_equal(take(0, &p), 1);
	memcpy(frame, group, sizeof(group));
	assert_int_equal(terms_set(&bed.terms, &all, 0, &e), 0);
	come(0, frame);
	assert_int_equal(take(0, &p), 1);
	assert_int_equal(bed.figures[0].filtered, 2);
}

/* ---- two threads ---- */

#define FRAMES 20000

static atomic_uint ended;
static unsigned int got[QUEUES];

/* Takes what comes to one queue, and brings it frames for both. */
static void *run(void *arg)
{
	const unsigned int queue = *(unsigned int *)arg;
	unsigned int sent = 0;
	uint8_t frame[BYTES];
	struct parcel p;

	while (atomic_load(&ended) < QUEUES ||
	       source_has_more(&bed.sources[queue])) {
		if (sent < FRAMES) {
			make_frame((uint8_t)sent, frame);
			come(queue, frame);
			if (++sent == FRAMES)
				atomic_fetch_add(&ended, 1);
		}
		got[queue] += take(queue, &p);
	}
	got[queue] += take(queue, &p);
	return NULL;
}

static void test_threads(void **state)
{
	unsigned int numbers[QUEUES] = {0, 1}, i, dropped = 0;
	pthread_t threads[QUEUES];

	(void)state;
	atomic_store(&ended, 0);
	memset(got, 0, sizeof(got));
	spread(2);
	for (i = 0; i < QUEUES; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, run, &numbers[i]), 0);
	for (i = 0; i < 100; i++) {
		usleep(200);
		spread(i % 2 * 2);
	}
	for (i = 0; i < QUEUES; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < QUEUES; i++) {
		struct parcel p;

		got[i] += take(i, &p);
		dropped += (unsigned int)bed.figures[i].rx.dropped;
		assert_true(got[i] > 0);
	}
	assert_int_equal(got[0] + got[1] + dropped, QUEUES * FRAMES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_wish),   TEST(test_spread),  TEST(test_full),
		TEST(test_multicast), TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
