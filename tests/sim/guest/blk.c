/* SPDX-License-Identifier: MIT */
/* The handshake of a disk, as a stock front end does it. */
#include "tests/sim/guest/blk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/scope.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/store.h"

#define CONNECT_MS     20000
#define INFO_READ_ONLY VDISK_READONLY

struct blk *blk_new(struct guest *g, uint32_t devid, struct err *e)
{
	struct blk *b = calloc(1, sizeof(*b));

	if (!b) {
		err_set(e, ENOMEM, "no memory for a disk");
		return NULL;
	}
	b->guest = g;
	b->devid = devid;
	if (bus_open(&b->bus, g, "vbd", devid, e) < 0) {
		blk_free(b);
		return NULL;
	}
	return b;
}

/* All grants back, however it came to its end. */
static void blk_let_go(struct blk *b)
{
	while (b->n_queues > 0)
		blk_queue_close(&b->queues[--b->n_queues]);
	blk_io_release(b);
}

void blk_free(struct blk *b)
{
	if (!b)
		return;
	bus_close(&b->bus);
	blk_let_go(b);
	free(b);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

int blk_prepare(struct blk *b, const struct blk_want *want, struct err *e)
{
	unsigned int queues;

	b->bus.blind = want->blind;
	if (bus_begin(&b->bus, e) < 0)
		return -e->code;
	blk_let_go(b);
	b->want = *want;
	b->want.order =
		least(want->order, bus_offer(&b->bus, "max-ring-page-order"));
	b->want.order = least(b->want.order, BLK_ORDER_MAX);
	b->want.queues = least(want->queues,
			       bus_offer(&b->bus, "multi-queue-max-queues"));
	b->want.persistent =
		want->persistent && bus_offer(&b->bus, "feature-persistent");
	b->max_indirect = bus_offer(&b->bus, "feature-max-indirect-segments");
	b->want.indirect = want->indirect && b->max_indirect;
	queues = b->want.queues ? b->want.queues : 1;
	while (b->n_queues < least(queues, BLK_QUEUES_MAX)) {
		if (blk_queue_open(b, &b->queues[b->n_queues], e) < 0)
			return -e->code;
		b->n_queues++;
	}
	return 0;
}

/* One attempt to write the keys. */
struct publication {
	struct blk *blk;
	uint32_t transaction;
	const char *wrong_key;
	const char *wrong;
	bool lied;
	int rc; /* of the first failure */
};

static void publish(struct publication *p, const char *value, const char *key)
{
	struct blk *b = p->blk;
	int rc;

	if (p->wrong_key && strcmp(key, p->wrong_key) == 0) {
		value = p->wrong;
		p->lied = true;
	}
	rc = value ? store_write(b->guest->store, p->transaction, value,
				 "%s/%s", b->bus.front, key)
		   : store_remove(b->guest->store, p->transaction, "%s/%s",
				  b->bus.front, key);
	if (rc < 0 && p->rc == 0 && (value || rc != -ENOENT))
		p->rc = rc;
}

static void publish_u32(struct publication *p, uint32_t value, const char *key)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	publish(p, text, key);
}

static void publish_queue(struct publication *p, unsigned int n)
{
	const struct blk_queue *q = &p->blk->queues[n];
	char dir[24] = "", key[48];
	unsigned int i;

	if (p->blk->n_queues > 1)
		snprintf(dir, sizeof(dir), "queue-%u/", n);
	if (q->n_pages == 1) {
		snprintf(key, sizeof(key), "%sring-ref", dir);
		publish_u32(p, q->refs[0], key);
	}
	for (i = 0; q->n_pages > 1 && i < q->n_pages; i++) {
		snprintf(key, sizeof(key), "%sring-ref%u", dir, i);
		publish_u32(p, q->refs[i], key);
	}
	snprintf(key, sizeof(key), "%sevent-channel", dir);
	publish_u32(p, q->port, key);
}

/* What an earlier life of the device, with other features, has left. */
static void unpublish(struct publication *p)
{
	static const char *const keys[] = {
		"ring-ref",	      "event-channel",
		"protocol",	      "ring-page-order",
		"feature-persistent", "multi-queue-num-queues",
	};
	char key[24];
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		publish(p, NULL, keys[i]);
	for (i = 0; i < 1 << BLK_ORDER_MAX; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		publish(p, NULL, key);
	}
	for (i = 0; i < BLK_QUEUES_MAX; i++) {
		snprintf(key, sizeof(key), "queue-%u", i);
		publish(p, NULL, key);
	}
	p->lied = false;
}

static void publish_all(struct publication *p)
{
	const struct blk *b = p->blk;
	unsigned int i;

	unpublish(p);
	publish(p, blk_abi_name(b->want.abi), "protocol");
	publish(p, b->want.persistent ? "1" : "0", "feature-persistent");
	if (b->want.order)
		publish_u32(p, b->want.order, "ring-page-order");
	if (b->want.queues)
		publish_u32(p, b->n_queues, "multi-queue-num-queues");
	for (i = 0; i < b->n_queues; i++)
		publish_queue(p, i);
	/* A key that an honest guest would not have. */
	if (p->wrong_key && !p->lied)
		publish(p, NULL, p->wrong_key);
}

int blk_publish(struct blk *b, const char *wrong_key, const char *wrong,
		struct err *e)
{
	struct store *store = b->guest->store;
	struct publication p;
	int rc;

	do {
		p = (struct publication){
			b, store_begin(store), wrong_key, wrong, false, 0};
		if (!p.transaction)
			return err_errno(e, errno, "no transaction");
		publish_all(&p);
		rc = store_commit(store, p.transaction);
	} while (rc == -EAGAIN);
	if (rc == 0)
		rc = p.rc;
	if (rc == 0)
		rc = bus_set_state(&b->bus, b->bus.blind
						    ? XenbusStateConnected
						    : XenbusStateInitialised);
	return rc < 0 ? err_errno(e, -rc, "%s: cannot write it", b->bus.front)
		      : 0;
}

int blk_settle(struct blk *b, struct err *e)
{
	struct bus *bus = &b->bus;
	scoped_str sectors = NULL;

	if (bus_wait(bus,
		     BUS_IN(XenbusStateConnected) | BUS_IN(XenbusStateClosing) |
			     BUS_IN(XenbusStateClosed),
		     CONNECT_MS, e) < 0)
		return -e->code;
	if (bus->theirs != XenbusStateConnected)
		return err_set(e, ECONNREFUSED, "%s: refused", bus->front);
	sectors = store_read(b->guest->store, 0, "%s/sectors", bus->back);
	if (!sectors || num_parse_u64(sectors, UINT64_MAX, &b->sectors) < 0)
		return err_set(e, EPROTO, "%s: no size", bus->front);
	b->read_only = bus_offer(bus, "info") & INFO_READ_ONLY;
	b->can_flush = bus_offer(bus, "feature-flush-cache");
	b->can_barrier = bus_offer(bus, "feature-barrier");
	b->can_discard = bus_offer(bus, "feature-discard");
	bus_set_state(bus, XenbusStateConnected);
	return 0;
}

int blk_connect(struct blk *b, const struct blk_want *want, struct err *e)
{
	if (blk_prepare(b, want, e) < 0 || blk_publish(b, NULL, NULL, e) < 0 ||
	    blk_settle(b, e) < 0)
		return -e->code;
	return 0;
}

int blk_disconnect(struct blk *b, struct err *e)
{
	if (bus_end(&b->bus, e) < 0)
		return -e->code;
	blk_let_go(b);
	return 0;
}

bool blk_is_connected(const struct blk *b)
{
	return b->n_queues > 0 && b->bus.ours == XenbusStateConnected &&
	       b->bus.theirs == XenbusStateConnected;
}
