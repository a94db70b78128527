/* SPDX-License-Identifier: MIT */
/*
 * A control ring's worker, killed anywhere, leaves to its successor all that
 * the guest has asked for, and the guest gets each answer once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <event2/event.h>
#include <cmocka.h>

#include "backends/net/ctrl.h"
#include "tests/unit/net_guest.h"
#include "tests/unit/stepper.h"

#define CTRL_REF  GUEST_DATA
#define KEY_REF	  (GUEST_DATA + 1)
#define CTRL_PORT 9
#define QUEUES	  2
#define FIRST	  0xfffffffcu /* the indices wrap */
#define KEPT	  (3 * 4096)  /* of the journal, what is not a queue's */
#define ROUNDS	  8	      /* of the loop: more than the work takes */

/* Of the states between two instructions, in how many successors die too. */
#define SAMPLE 11

/*
 * The first is refused, for want of an algorithm, and must be so even where
 * that has been set since.
 */
static const struct xen_netif_ctrl_request asked[] = {
	{1, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, {3}},
	{2, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, {1}},
	{3, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, {KEY_REF, 40}},
	{4, XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, {0}},
};

#define ASKED ((uint32_t)(sizeof(asked) / sizeof(asked[0])))

static struct net_guest g;
static xen_netif_ctrl_front_ring_t ring;
static struct keeper *keeper; /* of whichever worker is next */

static int setup(void **state)
{
	struct xen_netif_ctrl_sring *shared;
	uint32_t i;

	(void)state;
	net_guest_begin(&g, 0, 0);
	keeper = &g.keeper;
	shared = (void *)g.pages[CTRL_REF];
	shared->rsp_prod = FIRST;
	shared->req_event = shared->rsp_event = FIRST + 1;
	FRONT_RING_ATTACH(&ring, shared, FIRST, 4096);
	memset(g.pages[KEY_REF], 0x6d, 40);
	for (i = 0; i < ASKED; i++)
		*RING_GET_REQUEST(&ring, FIRST + i) = asked[i];
	shared->req_prod = FIRST + ASKED;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	net_guest_stop(&g);
	return 0;
}

static void on_failed(const struct err *e, void *arg)
{
	(void)arg;
	fail_msg("%s", e->text);
}

/* A worker's life, on a loop of its own; begin is called once it is set up. */
static void serve(void (*begin)(void))
{
	const struct ctrl_peer peer = {
		.name = "d3/vif0",
		.domid = 3,
		.port = CTRL_PORT,
		.ring_ref = CTRL_REF,
		.n_queues = QUEUES,
		.resumed = true,
		.keeper = keeper,
	};
	struct event_base *base = event_base_new();
	unsigned int i;
	struct ctrl *c;
	struct err e;

	c = ctrl_new(base, on_failed, NULL, &e);
	assert_non_null(c);
	if (begin)
		begin();
	assert_int_equal(ctrl_attach(c, &peer, &e), 0);
	for (i = 0; i < ROUNDS; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ctrl_free(c);
	event_base_free(base);
}

static void run(void *arg)
{
	(void)arg;
	serve(stepper_begin);
}

static void check_end(void)
{
	struct keeper_copy kept = {0};
	const struct wishes_hash *h = &kept.wishes.hash;
	uint32_t i;

	assert_int_equal(ring.sring->rsp_prod, FIRST + ASKED);
	for (i = 0; i < ASKED; i++) {
		const struct xen_netif_ctrl_response *rsp =
			RING_GET_RESPONSE(&ring, FIRST + i);
		const bool get = asked[i].type ==
				 XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE;

		assert_int_equal(rsp->id, asked[i].id);
		assert_int_equal(rsp->type, asked[i].type);
		assert_int_equal(
			rsp->status,
			i == 0 ? XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
			       : XEN_NETIF_CTRL_STATUS_SUCCESS);
		assert_int_equal(rsp->data, get ? WISHES_MAPPING_MAX : 0);
	}
	keeper_look(keeper, &kept);
	assert_int_equal(h->algorithm, 1);
	assert_int_equal(h->types, 0);
	assert_int_equal(h->key[39], 0x6d);
}

/* ---- between any two instructions ---- */

struct seen {
	uint8_t ring[4096]; /* as they were when last looked at */
	uint8_t kept[KEPT];
	unsigned long states;
	bool deeper; /* kill successors, too */
};

static uint8_t *journal(void)
{
	return (uint8_t *)keeper->journal.map;
}

/* Has what is in the ring and the journal, and leaves both as they were. */
static void in_copy(void (*act)(void *arg), void *arg)
{
	const int fd = memfd_create("copy", MFD_CLOEXEC);
	struct keeper *outer = keeper;
	struct keeper k = KEEPER_CLOSED;
	uint8_t page[4096];
	struct err e;

	memcpy(page, g.pages[CTRL_REF], sizeof(page));
	assert_int_equal(ftruncate(fd, MSG_NET_JOURNAL_BYTES), 0);
	assert_int_equal(write(fd, journal(), KEPT), KEPT);
	assert_int_equal(keeper_open(&k, fd, QUEUES, &e), 0);
	close(fd);
	keeper = &k;
	act(arg);
	keeper_close(&k);
	keeper = outer;
	memcpy(g.pages[CTRL_REF], page, sizeof(page));
}

static void succeed(void *arg)
{
	(void)arg;
	serve(NULL);
	check_end();
}

static bool look_once(void *arg);

static void step_successor(void *arg)
{
	static struct seen inner;

	memset(&inner, 0, sizeof(inner));
	stepper_run(run, look_once, &inner);
	*(unsigned long *)arg += inner.states;
}

/* Whenever a store has changed ring or journal, has a successor go on there. */
static bool look(void *arg)
{
	struct seen *s = arg;
	unsigned long more = 0;

	if (memcmp(s->ring, g.pages[CTRL_REF], sizeof(s->ring)) == 0 &&
	    memcmp(s->kept, journal(), KEPT) == 0)
		return true;
	memcpy(s->ring, g.pages[CTRL_REF], sizeof(s->ring));
	memcpy(s->kept, journal(), KEPT);
	in_copy(succeed, NULL);
	if (s->states++ % SAMPLE == 0 && s->deeper)
		in_copy(step_successor, &more);
	s->states += more;
	return ring.sring->rsp_prod != FIRST + ASKED;
}

/* Of a successor only the beginning is of interest: what it finishes. */
static bool look_once(void *arg)
{
	struct seen *s = arg;

	return look(s) && s->states < 5;
}

static void test_unharmed(void **state)
{
	(void)state;
	succeed(NULL);
}

static void test_killed_at_each_instruction(void **state)
{
	static struct seen s;
	unsigned long steps;

	(void)state;
	s.deeper = true;
	steps = stepper_run(run, look, &s);
	print_message("# %lu states in %lu steps\n", s.states, steps);
	assert_true(s.states > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unharmed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_at_each_instruction,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
