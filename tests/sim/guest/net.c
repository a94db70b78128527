/* SPDX-License-Identifier: MIT */
/* The handshake of a network interface, as a stock front end does it. */
#include "tests/sim/guest/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/store.h"

#define CONNECT_MS 20000

struct net *net_new(struct guest *g, uint32_t devid, struct err *e)
{
	struct net *n = calloc(1, sizeof(*n));
	scoped_str mac = NULL;

	if (!n) {
		err_set(e, ENOMEM, "no memory for an interface");
		return NULL;
	}
	n->guest = g;
	n->devid = devid;
	if (bus_open(&n->bus, g, "vif", devid, e) < 0)
		goto fail;
	mac = store_read(g->store, 0, "%s/mac", n->bus.front);
	if (!mac || sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx",
			   &n->mac[0], &n->mac[1], &n->mac[2], &n->mac[3],
			   &n->mac[4], &n->mac[5]) != 6) {
		err_set(e, EPROTO, "%s: no mac", n->bus.front);
		goto fail;
	}
	return n;

fail:
	net_free(n);
	return NULL;
}

static void net_let_go(struct net *n)
{
	net_ctrl_close(&n->ctrl);
	while (n->n_queues > 0)
		net_queue_close(&n->queues[--n->n_queues]);
}

void net_free(struct net *n)
{
	if (!n)
		return;
	bus_close(&n->bus);
	net_let_go(n);
	free(n);
}

int net_prepare(struct net *n, const struct net_want *want, struct err *e)
{
	unsigned int offered, queues;

	if (bus_begin(&n->bus, e) < 0)
		return -e->code;
	net_let_go(n);
	n->want = *want;
	offered = bus_offer(&n->bus, "multi-queue-max-queues");
	if (n->want.queues > offered)
		n->want.queues = offered;
	if (!bus_offer(&n->bus, "feature-split-event-channels"))
		n->want.one_port = true;
	queues = n->want.queues ? n->want.queues : 1;
	while (n->n_queues < queues && n->n_queues < NET_QUEUES_MAX) {
		if (net_queue_open(n, &n->queues[n->n_queues], e) < 0)
			return -e->code;
		n->n_queues++;
	}
	if (!bus_offer(&n->bus, "feature-ctrl-ring"))
		n->want.ctrl = false;
	if (!bus_offer(&n->bus, "feature-multicast-control"))
		n->want.multicast = false;
	return n->want.ctrl ? net_ctrl_open(&n->ctrl, n, e) : 0;
}

/* One attempt to write the keys. */
struct publication {
	struct net *net;
	uint32_t transaction;
	const char *wrong_key;
	const char *wrong;
	bool lied;
	int rc; /* of the first failure */
};

static void publish(struct publication *p, const char *value, const char *key)
{
	struct net *n = p->net;
	int rc;

	if (p->wrong_key && strcmp(key, p->wrong_key) == 0) {
		value = p->wrong;
		p->lied = true;
	}
	rc = value ? store_write(n->guest->store, p->transaction, value,
				 "%s/%s", n->bus.front, key)
		   : store_remove(n->guest->store, p->transaction, "%s/%s",
				  n->bus.front, key);
	if (rc < 0 && p->rc == 0 && (value || rc != -ENOENT))
		p->rc = rc;
}

static void publish_queue(struct publication *p, unsigned int i)
{
	const struct net_queue *q = &p->net->queues[i];
	const struct {
		const char *key;
		uint32_t value;
		bool there;
	} keys[] = {
		{"tx-ring-ref", q->tx_ring.ref, true},
		{"rx-ring-ref", q->rx_ring.ref, true},
		{"event-channel", q->tx_port, q->tx_port == q->rx_port},
		{"event-channel-tx", q->tx_port, q->tx_port != q->rx_port},
		{"event-channel-rx", q->rx_port, q->tx_port != q->rx_port},
	};
	char key[48], value[16], dir[24] = "";
	size_t k;

	if (p->net->n_queues > 1)
		snprintf(dir, sizeof(dir), "queue-%u/", i);
	for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		snprintf(key, sizeof(key), "%s%s", dir, keys[k].key);
		snprintf(value, sizeof(value), "%u", keys[k].value);
		if (keys[k].there)
			publish(p, value, key);
	}
}

/* What an earlier life of the device, with other features, has left. */
static void unpublish(struct publication *p)
{
	static const char *const keys[] = {
		"tx-ring-ref",
		"rx-ring-ref",
		"event-channel",
		"event-channel-tx",
		"event-channel-rx",
		"request-rx-copy",
		"feature-rx-notify",
		"feature-sg",
		"feature-gso-tcpv4",
		"feature-gso-tcpv6",
		"feature-no-csum-offload",
		"feature-ipv6-csum-offload",
		"request-multicast-control",
		"xdp-headroom",
		"ctrl-ring-ref",
		"event-channel-ctrl",
		"multi-queue-num-queues",
		"queue-0",
		"queue-1",
		"queue-2",
		"queue-3",
	};
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		publish(p, NULL, keys[i]);
	p->lied = false;
}

static void publish_u32(struct publication *p, bool there, uint32_t value,
			const char *key)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	if (there)
		publish(p, text, key);
}

static void publish_all(struct publication *p)
{
	const struct net *n = p->net;
	const struct net_want *want = &n->want;
	unsigned int i;

	unpublish(p);
	publish(p, "1", "request-rx-copy");
	publish(p, "1", "feature-rx-notify");
	publish(p, want->no_sg ? "0" : "1", "feature-sg");
	publish_u32(p, want->gso, 1, "feature-gso-tcpv4");
	publish_u32(p, want->gso, 1, "feature-gso-tcpv6");
	publish_u32(p, want->no_csum, 1, "feature-no-csum-offload");
	publish_u32(p, want->csum6, 1, "feature-ipv6-csum-offload");
	publish_u32(p, want->multicast, 1, "request-multicast-control");
	publish_u32(p, want->headroom, want->headroom, "xdp-headroom");
	publish_u32(p, want->ctrl, n->ctrl.ref, "ctrl-ring-ref");
	publish_u32(p, want->ctrl, n->ctrl.port, "event-channel-ctrl");
	publish_u32(p, want->queues, n->n_queues, "multi-queue-num-queues");
	for (i = 0; i < n->n_queues; i++)
		publish_queue(p, i);
	/* A key that an honest guest would not have. */
	if (p->wrong_key && !p->lied)
		publish(p, NULL, p->wrong_key);
}

int net_publish(struct net *n, const char *wrong_key, const char *wrong,
		struct err *e)
{
	struct store *store = n->guest->store;
	struct publication p;
	int rc;

	do {
		p = (struct publication){
			n, store_begin(store), wrong_key, wrong, false, 0};
		if (!p.transaction)
			return err_errno(e, errno, "no transaction");
		publish_all(&p);
		rc = store_commit(store, p.transaction);
	} while (rc == -EAGAIN);
	if (rc == 0)
		rc = p.rc;
	if (rc == 0)
		rc = bus_set_state(&n->bus, XenbusStateConnected);
	return rc < 0 ? err_errno(e, -rc, "%s: cannot write it", n->bus.front)
		      : 0;
}

int net_settle(struct net *n, struct err *e)
{
	unsigned int i;

	if (bus_wait(&n->bus,
		     BUS_IN(XenbusStateConnected) | BUS_IN(XenbusStateClosing) |
			     BUS_IN(XenbusStateClosed),
		     CONNECT_MS, e) < 0)
		return -e->code;
	if (n->bus.theirs != XenbusStateConnected)
		return err_set(e, ECONNREFUSED, "%s: refused", n->bus.front);
	/* The slots were posted before there was anyone to be told. */
	for (i = 0; i < n->n_queues; i++)
		events_notify(n->guest->events, n->queues[i].rx_port);
	return 0;
}

int net_connect(struct net *n, const struct net_want *want, struct err *e)
{
	if (net_prepare(n, want, e) < 0 || net_publish(n, NULL, NULL, e) < 0 ||
	    net_settle(n, e) < 0)
		return -e->code;
	return 0;
}

int net_disconnect(struct net *n, struct err *e)
{
	if (bus_end(&n->bus, e) < 0)
		return -e->code;
	net_let_go(n);
	return 0;
}

int net_reconfigure(struct net *n, const char *headroom, struct err *e)
{
	int rc = store_write(n->guest->store, 0, headroom, "%s/xdp-headroom",
			     n->bus.front);

	if (rc == 0)
		rc = bus_set_state(&n->bus, XenbusStateReconfiguring);
	if (rc < 0)
		return err_errno(e, -rc, "%s: cannot write it", n->bus.front);
	if (bus_wait(&n->bus, BUS_IN(XenbusStateReconfigured), CONNECT_MS, e) <
	    0)
		return -e->code;
	bus_set_state(&n->bus, XenbusStateConnected);
	return bus_wait(&n->bus, BUS_IN(XenbusStateConnected), CONNECT_MS, e);
}

bool net_is_connected(const struct net *n)
{
	return n->n_queues > 0 && n->bus.ours == XenbusStateConnected &&
	       n->bus.theirs == XenbusStateConnected;
}
