/* SPDX-License-Identifier: MIT */
/*
 * Two guests served by a thread each, both sending, while one of them leaves
 * the table and comes again, and its queue with it: nobody is given a frame
 * by a sender once it has left, and what arrives is whole and in order. For
 * the thread sanitizer above all.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <event2/event.h>
#include <cmocka.h>

#include "backends/net/queue.h"
#include "tests/unit/net_pair.h"

#define BYTES  300u
#define AT     100 /* of the number that each frame has */
#define SLOTS  300u
#define N      64u /* of pages, each way */
#define BURST  8
#define LEAVES 300

static struct net_pair p;
static atomic_bool over;

/* Who is served by whose thread, and what it has seen. */
struct side {
	struct net_guest *guest;
	struct net_guest *to;
	uint32_t sent;
	uint32_t seen; /* the last number */
	uint32_t received;
	uint32_t answered;
	bool wrong;
};

static struct side sides[2];

AS_GUEST static void fill(uint8_t *page, const uint8_t *to, const uint8_t *from,
			  uint32_t number)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		page[i] = to[i];
		page[6 + i] = from[i];
	}
	for (i = 12; i < BYTES; i++)
		page[i] = (uint8_t)number;
	for (i = 0; i < 4; i++)
		page[AT + i] = (uint8_t)(number >> 8 * i);
}

AS_GUEST static bool is_whole(const uint8_t *page, uint32_t *number)
{
	unsigned int i;

	*number = 0;
	for (i = 0; i < 4; i++)
		*number |= (uint32_t)page[AT + i] << 8 * i;
	for (i = 14; i < BYTES; i++)
		if (i - AT >= 4 && page[i] != (uint8_t)*number)
			return false;
	return true;
}

AS_GUEST static void send_some(struct side *s)
{
	struct net_guest *g = s->guest;
	const uint8_t mine[6] = {0, 0x16, 0x3e, 0, 0, g == &p.a ? 1 : 2};
	const uint8_t other[6] = {0, 0x16, 0x3e, 0, 0, g == &p.a ? 2 : 1};
	unsigned int i;

	while (g->tx.rsp_cons != g->tx.sring->rsp_prod) {
		g->tx.rsp_cons++;
		s->answered++;
	}
	g->tx.sring->rsp_event = g->tx.rsp_cons + 1;
	for (i = 0; i < BURST && s->sent - s->answered < N; i++) {
		const uint32_t page = GUEST_DATA + s->sent % N;

		fill(g->pages[page], other, mine, ++s->sent);
		net_guest_put_tx(g, page, 0, BYTES, 0, 0);
	}
	net_guest_publish_tx(g);
}

AS_GUEST static void receive(struct side *s)
{
	struct net_guest *g = s->guest;
	unsigned int n = 0;

	while (g->rx.rsp_cons != g->rx.sring->rsp_prod) {
		const struct netif_rx_response *rsp =
			RING_GET_RESPONSE(&g->rx, g->rx.rsp_cons);
		const uint32_t page = SLOTS + g->rx.rsp_cons % N;
		uint32_t number = 0;

		if (rsp->id != (uint16_t)page || rsp->status != (int)BYTES ||
		    !is_whole(g->pages[page], &number) || number <= s->seen)
			s->wrong = true;
		s->seen = number;
		s->received++;
		g->rx.rsp_cons++;
		n++;
	}
	g->rx.sring->rsp_event = g->rx.rsp_cons + 1;
	for (; n; n--)
		net_guest_post_rx(g, SLOTS + g->rx.req_prod_pvt % N, 1);
}

/* A guest's vif, its guest, and the bridge's way from it. */
static void step(struct side *s)
{
	unsigned int i;

	send_some(s);
	for (i = 0; i < 4; i++)
		event_base_loop(s->guest->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	net_pair_bridge(s->guest, s->to);
	receive(s);
}

static void *serve_a(void *arg)
{
	(void)arg;
	while (!atomic_load(&over))
		step(&sides[0]);
	return NULL;
}

static void again(struct net_guest *g)
{
	const struct msg_net_terms terms = net_pair_terms(&p, g);
	const struct queue_wires wires = {
		.tx_ring_ref = GUEST_TX_REF,
		.rx_ring_ref = GUEST_RX_REF,
		.tx_port = GUEST_TX_PORT,
		.rx_port = GUEST_RX_PORT,
	};

	fdb_leave(g->vif.member);
	queue_detach(g->queue);
	assert_int_equal(queue_attach(g->queue, &g->vif, &wires, &g->why), 0);
	net_pair_join(g, &terms);
}

static void test_leaving(void **state)
{
	unsigned int i, k;
	pthread_t a;

	(void)state;
	net_pair_start(&p, PAIR_ALL);
	sides[0] = (struct side){.guest = &p.a, .to = &p.b};
	sides[1] = (struct side){.guest = &p.b, .to = &p.a};
	for (i = 0; i < 2; i++)
		for (k = 0; k < N; k++)
			net_guest_post_rx(
				sides[i].guest,
				SLOTS + sides[i].guest->rx.req_prod_pvt % N, 1);
	assert_int_equal(pthread_create(&a, NULL, serve_a, NULL), 0);
	for (i = 0; i < LEAVES; i++) {
		for (k = 0; k < 10; k++)
			step(&sides[1]);
		again(&p.b);
	}
	atomic_store(&over, true);
	pthread_join(a, NULL);
	for (i = 0; i < 2; i++) {
		assert_false(sides[i].wrong);
		assert_true(sides[i].received > 0);
		assert_true(sides[i].guest->figures.tx.direct > 0);
		assert_int_equal(sides[i].guest->failures, 0);
		print_message(
			"# %u sent, %llu directly, %u received\n",
			sides[i].sent,
			(unsigned long long)sides[i].guest->figures.tx.direct,
			sides[i].received);
	}
	net_pair_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
