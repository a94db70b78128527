/* SPDX-License-Identifier: MIT */
/* Guests with a network queue each: their own side. */
#include "tests/unit/net_guest.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <event2/event.h>
#include <cmocka.h>

#include "backends/net/queue.h"
#include "backends/net/tap_batch.h"
#include "base/clock.h"
#include "tests/unit/net_guest_xen.h"

#define ROUNDS 32 /* of the loop: more than any work here takes */

const char net_guest_tcp[NET_GUEST_TCP_BYTES + 1] =
	"\x00\x16\x3e\x00\x00\x02\x00\x16\x3e\x00\x00\x01\x08\x00"
	"\x45\x00\x00\x2d\x12\x34\x00\x00\x40\x06\x54\x95"
	"\x0a\x00\x00\x02\x0a\x00\x00\x01\x9c\x40\x00\x50"
	"\x00\x00\x00\x01\x00\x00\x00\x02\x50\x18\x03\xe8"
	"\x14\x22\x00\x00\x68\x65\x6c\x6c\x6f";

static void on_failed(const struct err *e, void *arg)
{
	struct net_guest *g = arg;

	g->failures++;
	g->why = *e;
}

/* Both rings as a frontend that has been at it for a while has them. */
static void rings_at(struct net_guest *g, uint32_t first)
{
	struct netif_tx_sring *tx = (void *)g->pages[GUEST_TX_REF];
	struct netif_rx_sring *rx = (void *)g->pages[GUEST_RX_REF];

	tx->req_prod = tx->rsp_prod = first;
	tx->req_event = tx->rsp_event = first + 1;
	rx->req_prod = rx->rsp_prod = first;
	rx->req_event = rx->rsp_event = first + 1;
	FRONT_RING_ATTACH(&g->tx, tx, first, 4096);
	FRONT_RING_ATTACH(&g->rx, rx, first, 4096);
}

static void open_keeper(struct net_guest *g)
{
	const int fd = memfd_create("journal", MFD_CLOEXEC);

	pthread_mutex_init(&g->keeper.lock, NULL);
	assert_int_equal(ftruncate(fd, MSG_NET_JOURNAL_BYTES), 0);
	assert_int_equal(keeper_open(&g->keeper, fd, 1, &g->why), 0);
	close(fd);
}

void net_guest_begin(struct net_guest *g, uint32_t flags, uint32_t first)
{
	int pair[2];

	memset(g, 0, sizeof(*g));
	/* A child of the test's is a process that serves the same guest. */
	g->pages =
		mmap(NULL, GUEST_PAGES * sizeof(*g->pages),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g->pages, MAP_FAILED);
	rings_at(g, first);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	g->wire = pair[0];
	g->vif = (struct vif){.name = "d3/vif0",
			      .flags = flags,
			      .tap = pair[1],
			      .figures = &g->figures,
			      .terms = &g->terms,
			      .keeper = &g->keeper};
	net_guest_xen_add(g);
	pthread_mutex_init(&g->terms.lock, NULL);
	open_keeper(g);
	g->base = event_base_new();
	assert_non_null(g->base);
}

void net_guest_serve(struct net_guest *g, bool split)
{
	const struct queue_wires wires = {
		.tx_ring_ref = GUEST_TX_REF,
		.rx_ring_ref = GUEST_RX_REF,
		.tx_port = GUEST_TX_PORT,
		.rx_port = split ? GUEST_RX_PORT : GUEST_TX_PORT,
	};

	g->vif.batch = split ? tap_batch_open() : NULL;
	g->queue = queue_new(g->base, on_failed, g, &g->why);
	assert_non_null(g->queue);
	assert_int_equal(queue_attach(g->queue, &g->vif, &wires, &g->why), 0);
	assert_int_equal(g->restricted_to, g->vif.member ? 0 : g->vif.domid);
	net_guest_run(g, 1);
}

void net_guest_start(struct net_guest *g, uint32_t flags, bool split,
		     uint32_t first)
{
	net_guest_begin(g, flags, first);
	net_guest_serve(g, split);
}

void net_guest_set_terms(struct net_guest *g, struct msg_net_terms terms)
{
	struct err e;

	assert_int_equal(terms_set(&g->terms, &terms, clock_ns(), &e), 0);
	queue_look_again(g->queue);
}

void net_guest_stop(struct net_guest *g)
{
	queue_free(g->queue);
	event_base_free(g->base);
	keeper_close(&g->keeper);
	close(g->wire);
	close(g->vif.tap);
	tap_batch_close(g->vif.batch);
	munmap(g->pages, GUEST_PAGES * sizeof(*g->pages));
	assert_int_equal(g->maps, 0);
	assert_int_equal(g->bound, 0);
	net_guest_xen_remove(g);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

void net_guest_run(struct net_guest *g, unsigned int ms)
{
	const struct timeval wait = {0, (int)ms * 1000};
	struct event *end = evtimer_new(g->base, on_end, g->base);
	unsigned int rounds = ROUNDS;

	assert_non_null(end);
	event_add(end, &wait);
	event_base_dispatch(g->base);
	event_free(end);
	/* On a busy machine the time may be over before the work is. */
	while (rounds--)
		event_base_loop(g->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

AS_GUEST void net_guest_put_tx(struct net_guest *g, uint32_t gref,
			       uint16_t offset, uint16_t size, uint16_t flags,
			       uint16_t id)
{
	*RING_GET_REQUEST(&g->tx, g->tx.req_prod_pvt) =
		(struct netif_tx_request){gref, offset, flags, id, size};
	g->tx.req_prod_pvt++;
}

AS_GUEST void net_guest_publish_tx(struct net_guest *g)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&g->tx, notify);
	if (notify)
		net_guest_ring(g, GUEST_TX_PORT);
}

AS_GUEST void net_guest_post_rx(struct net_guest *g, uint32_t gref,
				unsigned int n)
{
	int notify;

	for (; n; n--, gref++) {
		*RING_GET_REQUEST(&g->rx, g->rx.req_prod_pvt) =
			(struct netif_rx_request){(uint16_t)gref, 0, gref};
		g->rx.req_prod_pvt++;
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&g->rx, notify);
	if (notify)
		net_guest_ring(g, net_guest_xen_is_bound(g, GUEST_RX_PORT)
					  ? GUEST_RX_PORT
					  : GUEST_TX_PORT);
}

AS_GUEST struct netif_tx_response net_guest_tx_response(struct net_guest *g)
{
	struct netif_tx_response rsp;

	assert_int_not_equal(g->tx.rsp_cons, g->tx.sring->rsp_prod);
	RING_COPY_RESPONSE(&g->tx, g->tx.rsp_cons, &rsp);
	g->tx.rsp_cons++;
	g->tx.sring->rsp_event = g->tx.rsp_cons + 1;
	return rsp;
}

AS_GUEST bool net_guest_has_rx(struct net_guest *g)
{
	return g->rx.rsp_cons != g->rx.sring->rsp_prod;
}

AS_GUEST struct netif_rx_response net_guest_rx_response(struct net_guest *g)
{
	struct netif_rx_response rsp;

	assert_true(net_guest_has_rx(g));
	RING_COPY_RESPONSE(&g->rx, g->rx.rsp_cons, &rsp);
	g->rx.rsp_cons++;
	g->rx.sring->rsp_event = g->rx.rsp_cons + 1;
	return rsp;
}
