/* SPDX-License-Identifier: MIT */
/* What a second vCPU does to shared pages while the back end reads them. */
#include "acts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define RACE_MS	   1500
#define SLOTS_AT   64 /* in a ring's page; the indices are before */
#define TX_BYTES   12 /* of a slot, */
#define TX_FLAGS   6  /* and where they say how many slots make a packet */
#define RX_BYTES   8
#define RX_GREF_AT 4
#define PACKETS	   60 /* in a ring at a time */

struct flipper {
	volatile uint8_t *ring;
	bool (*may)(unsigned int at);
	atomic_bool stop;
	pthread_t thread;
};

static bool may_any(unsigned int at)
{
	return at >= SLOTS_AT;
}

static bool may_tame(unsigned int at)
{
	return at >= SLOTS_AT && (at - SLOTS_AT) % TX_BYTES != TX_FLAGS;
}

/* Not the page a frame is written to: all granted ones are the kernel's. */
static bool may_rx(unsigned int at)
{
	return at >= SLOTS_AT && (at - SLOTS_AT) % RX_BYTES < RX_GREF_AT;
}

static void *flip(void *arg)
{
	struct flipper *f = arg;
	uint32_t x = 2463534242; /* xorshift32 */

	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		if (f->may(x % PAGE_BYTES))
			f->ring[x % PAGE_BYTES] ^= (uint8_t)(x >> 24);
	}
	return NULL;
}

static void flipper_start(struct flipper *f, struct page *ring,
			  bool (*may)(unsigned int at))
{
	f->ring = ring->data;
	f->may = may;
	atomic_init(&f->stop, false);
	if (pthread_create(&f->thread, NULL, flip, f) != 0)
		give_up("no thread");
}

static void flipper_stop(struct flipper *f)
{
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
}

/*
 * Packets that are sound as they are put: questions for an address that nobody
 * has. False when they are not all taken.
 */
static bool fill_ring(struct vif *v)
{
	const struct packet sound = {
		.size = ARP_BYTES,
		.slots = 3,
		.piece = 20,
		.at = 41,
		.byte = 250,
	};
	unsigned int i;

	for (i = 0; i < PACKETS; i++)
		put_packet(v, &sound);
	vif_push(v);
	return vif_wait(v);
}

void act_race(struct vif *v, const struct row *row)
{
	const uint64_t end = now_ms() + RACE_MS;
	const char *why = NULL;
	struct flipper f;

	flipper_start(&f, &v->rings[0], may_tame);
	while (!why && now_ms() < end)
		if (!fill_ring(v))
			why = vif_is_closed() ? "it is closed"
					      : "not all are answered";
	flipper_stop(&f);
	act_finish(v, row, why);
}

void act_wild_race(struct vif *v, const struct row *row)
{
	const uint64_t end = now_ms() + RACE_MS;
	const char *why = NULL;
	struct flipper f;

	flipper_start(&f, &v->rings[0], may_any);
	while (!why && now_ms() < end) {
		if (fill_ring(v))
			continue;
		if (vif_is_closed())
			act_again(v);
		else
			why = "not all are answered";
	}
	flipper_stop(&f);
	act_finish(v, row, why);
}

/* What its slots say is wrong by now: they are not used any more. */
void act_rx_race(struct vif *v, const struct row *row)
{
	const uint64_t end = now_ms() + RACE_MS;
	const char *why = NULL;
	struct flipper f;

	flipper_start(&f, &v->rings[1], may_rx);
	while (!why && now_ms() < end) {
		const uint32_t seen = v->rx_seen;

		/* A frame comes; where it says to be means nothing. */
		if (!act_asks_often(v, 1) || !vif_takes(v, seen + 1))
			why = "nothing comes";
	}
	flipper_stop(&f);
	act_again(v);
	act_finish(v, row, why);
}

void act_rage(struct vif *v)
{
	const struct packet bad = {.size = 13};
	const struct packet broken = {.size = 60, .truncated = true};
	unsigned int i;

	printf("\nGUEST hostile rages\n");
	fflush(stdout);
	for (;;) {
		for (i = 0; i < PACKETS; i++)
			put_packet(v, &bad);
		put_packet(v, &broken);
		vif_push(v);
		if (!vif_becomes_closed())
			give_up("it does not close");
		act_again(v);
	}
}
