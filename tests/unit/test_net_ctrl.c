/* SPDX-License-Identifier: MIT */
/* A control ring: what a guest asks is answered, kept, and found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/ctrl.h"
#include "tests/unit/net_guest.h"

#define CTRL_REF  GUEST_DATA
#define CTRL_PORT 9
#define PAGE_REF  (GUEST_DATA + 1)

static struct net_guest g;
static struct ctrl *ctrl;
static xen_netif_ctrl_front_ring_t ring;
static void (*meanwhile)(void); /* between a question and its answer */
static unsigned int failures;
static struct err why;

static void on_failed(const struct err *e, void *arg)
{
	(void)arg;
	failures++;
	why = *e;
	ctrl_detach(ctrl);
}

static void attach(bool resumed)
{
	const struct ctrl_peer peer = {
		.name = "d3/vif0",
		.domid = 3,
		.port = CTRL_PORT,
		.ring_ref = CTRL_REF,
		.n_queues = 2,
		.resumed = resumed,
		.keeper = &g.keeper,
	};
	struct err e;

	ctrl = ctrl_new(g.base, on_failed, NULL, &e);
	assert_non_null(ctrl);
	assert_int_equal(ctrl_attach(ctrl, &peer, &e), 0);
	assert_int_equal(g.restricted_to, 3);
}

static int setup(void **state)
{
	struct xen_netif_ctrl_sring *shared;
	const uint32_t first = 0xfffffffc; /* so that it wraps */

	(void)state;
	net_guest_begin(&g, 0, 0);
	failures = 0;
	meanwhile = NULL;
	shared = (void *)g.pages[CTRL_REF];
	shared->req_prod = shared->rsp_prod = first;
	shared->req_event = shared->rsp_event = first + 1;
	FRONT_RING_ATTACH(&ring, shared, first, 4096);
	attach(false);
	net_guest_run(&g, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ctrl_free(ctrl);
	net_guest_stop(&g);
	return 0;
}

static void put(uint16_t type, uint32_t a, uint32_t b, uint32_t c)
{
	*RING_GET_REQUEST(&ring, ring.req_prod_pvt) =
		(struct xen_netif_ctrl_request){
			(uint16_t)ring.req_prod_pvt, type, {a, b, c}};
	ring.req_prod_pvt++;
}

static void publish(void)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring, notify);
	if (notify)
		net_guest_ring(&g, CTRL_PORT);
	net_guest_run(&g, 1);
}

static struct xen_netif_ctrl_response take(void)
{
	struct xen_netif_ctrl_response rsp;

	assert_int_not_equal(ring.rsp_cons, ring.sring->rsp_prod);
	RING_COPY_RESPONSE(&ring, ring.rsp_cons, &rsp);
	assert_int_equal(rsp.id, (uint16_t)ring.rsp_cons);
	ring.rsp_cons++;
	ring.sring->rsp_event = ring.rsp_cons + 1;
	return rsp;
}

static uint32_t ask(uint16_t type, uint32_t a, uint32_t b, uint32_t c)
{
	put(type, a, b, c);
	publish();
	if (meanwhile)
		meanwhile();
	return take().status;
}

static void set_everything(void)
{
	const uint32_t mapping[] = {1, 0, 1};

	assert_int_equal(ask(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 1, 0, 0),
			 0);
	assert_int_equal(ask(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 15, 0, 0), 0);
	memset(g.pages[PAGE_REF], 0x6d, 40);
	assert_int_equal(ask(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, PAGE_REF, 40, 0),
			 0);
	assert_int_equal(
		ask(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 4, 0, 0), 0);
	memcpy(g.pages[PAGE_REF], mapping, sizeof(mapping));
	assert_int_equal(
		ask(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, PAGE_REF, 3, 1), 0);
}

static void check_everything(void)
{
	struct keeper_copy kept = {0};
	const struct wishes_hash *h = &kept.wishes.hash;

	keeper_look(&g.keeper, &kept);
	assert_int_equal(h->algorithm, 1);
	assert_int_equal(h->types, 15);
	assert_int_equal(h->key[39], 0x6d);
	assert_int_equal(h->mapping_size, 4);
	assert_memory_equal(h->mapping, "\0\1\0\1", 4);
}

static void test_settings(void **state)
{
	(void)state;
	set_everything();
	check_everything();
	g.refused[PAGE_REF] = true;
	assert_int_equal(ask(XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, PAGE_REF, 40, 0),
			 XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER);
	assert_int_equal(
		ask(XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, PAGE_REF, 1, 0),
		XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER);
	check_everything();
	assert_int_equal(failures, 0);
}

/* A successor begins where its predecessor ended, and rings once. */
static void test_successor(void **state)
{
	(void)state;
	set_everything();
	ctrl_free(ctrl);
	g.heard = 0;
	attach(true);
	assert_int_equal(g.heard, 1);
	assert_int_equal(ask(XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 15, 0, 0), 0);
	check_everything();
}

static void die_unpushed(void)
{
	ctrl_free(ctrl);
	ring.sring->rsp_prod--;
	attach(true);
	net_guest_run(&g, 1);
}

/*
 * It has died with a response in the ring, over the request, that rsp_prod does
 * not count yet: that is as good as given, and no request is read from there.
 */
static void test_unpushed(void **state)
{
	(void)state;
	meanwhile = die_unpushed;
	set_everything();
	check_everything();
	assert_int_equal(ring.rsp_cons, ring.sring->rsp_prod);
	/* What was answered long ago is not answered again. */
	ctrl_free(ctrl);
	attach(true);
	net_guest_run(&g, 1);
	assert_int_equal(ring.rsp_cons, ring.sring->rsp_prod);
	check_everything();
}

/* What was published while nobody served it is found without an event. */
static void test_unheard(void **state)
{
	(void)state;
	ctrl_free(ctrl);
	put(XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 1, 0, 0);
	publish();
	attach(true);
	net_guest_run(&g, 1);
	assert_int_equal(take().status, 0);
}

static void test_full_ring(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < RING_SIZE(&ring); i++)
		put(XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, 0, 0, 0);
	publish();
	for (i = 0; i < RING_SIZE(&ring); i++)
		assert_int_equal(take().data, WISHES_MAPPING_MAX);
	assert_int_equal(ring.rsp_cons, ring.sring->rsp_prod);
}

static void test_corrupt(void **state)
{
	(void)state;
	ring.sring->req_prod += RING_SIZE(&ring) + 1;
	net_guest_ring(&g, CTRL_PORT);
	net_guest_run(&g, 1);
	assert_int_equal(failures, 1);
	assert_string_equal(why.text, "control ring is corrupt: producer 125, "
				      "answered 4294967292");
	assert_int_equal(g.maps, 0);
	net_guest_ring(&g, CTRL_PORT);
	net_guest_run(&g, 1);
	assert_int_equal(failures, 1);
}

/* A guest that rings for nothing is heard ever more slowly (XSA-332). */
static void test_storm(void **state)
{
	(void)state;
	g.rings_always = true;
	g.unmasked = 0;
	net_guest_ring(&g, CTRL_PORT);
	net_guest_run(&g, 100);
	assert_in_range(g.unmasked, 1, 30);
	g.rings_always = false;
}

static void test_no_ring(void **state)
{
	const struct ctrl_peer peer = {
		.domid = 3,
		.port = CTRL_PORT,
		.ring_ref = GUEST_PAGES,
		.keeper = &g.keeper,
	};
	struct err e;

	(void)state;
	ctrl_detach(ctrl);
	assert_true(ctrl_attach(ctrl, &peer, &e) < 0);
	assert_non_null(strstr(e.text, "cannot map the control ring"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_settings), TEST(test_successor), TEST(test_unpushed),
		TEST(test_unheard),  TEST(test_full_ring), TEST(test_corrupt),
		TEST(test_storm),    TEST(test_no_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
