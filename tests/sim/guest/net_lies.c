/* SPDX-License-Identifier: MIT */
/*
 * Packets that make no sense: every slot is answered with the same refusal,
 * and the interface goes on. A ring that is no ring, or a chain without an
 * end, is the end of the interface until it is connected again.
 */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/flow.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define CLOSED_MS 5000

static struct net *first_net(struct scene *s, struct err *e)
{
	if (s->n_nets)
		return s->nets[0];
	err_set(e, ENOTSUP, "the guest has no interface");
	return NULL;
}

static void put_extras(struct net_queue *q, const struct net_lie *lie)
{
	struct netif_extra_info extra = {.type = lie->extra_type};
	unsigned int i;

	extra.u.gso.size = lie->gso_size;
	extra.u.gso.type = lie->gso_type;
	for (i = 0; i < lie->extras; i++) {
		extra.flags =
			i + 1 < lie->extras ? XEN_NETIF_EXTRA_FLAG_MORE : 0;
		net_queue_put_extra(q, &extra);
	}
}

/*
 * A piece of no bytes is where no page is, so that whoever looks at its place
 * refuses it; but what is refused is wrong in one way only.
 */
static uint16_t offset_of(const struct net_lie *lie, unsigned int i)
{
	const int rest = lie->size - (lie->slots - 1) * lie->piece;
	const int bytes = i == 0 ? rest : lie->piece;

	return bytes == 0 && lie->status != NETIF_RSP_ERROR ? UINT16_MAX
							    : lie->offset;
}

static void put_packet(struct net_queue *q, const struct net_lie *lie,
		       uint32_t good, uint32_t bad)
{
	bool last_only = lie->ref == REF_LAST_NEVER_GRANTED;
	unsigned int i;

	for (i = 0; i < lie->slots; i++) {
		struct netif_tx_request req = {
			.gref = last_only && i + 1 < lie->slots ? good : bad,
			.offset = offset_of(lie, i),
			.id = (uint16_t)i,
			.size = i == 0 ? lie->size : lie->piece,
		};

		if (i == 0)
			req.flags = lie->flags;
		if (i + 1 < lie->slots)
			req.flags |= NETTXF_more_data;
		if (i == 0 && lie->extras)
			req.flags |= NETTXF_extra_info;
		net_queue_put(q, &req);
		if (i == 0)
			put_extras(q, lie);
	}
}

/* The segment that a packet of one slot should be, but for a byte. */
static void put_segment(const struct net *n, const struct net_lie *lie,
			uint8_t *page)
{
	const struct flow flow = {.to = n->mac, .from = n->mac, .port = 40000};

	flow_fill(&flow, page, lie->size, 1);
	if (lie->wrong_at)
		page[lie->wrong_at] = lie->wrong;
}

static int answers(const struct net_queue *q, const struct net_lie *lie,
		   struct err *e)
{
	unsigned int i;

	for (i = 0; i < lie->slots; i++)
		if (!lie_answered(lie->status, q->tx_status[i]))
			return err_set(e, EBADMSG, "slot %u has status %d", i,
				       q->tx_status[i]);
	if (q->tx_extras)
		return err_set(e, EBADMSG, "extra slots without an answer");
	return 0;
}

static int packet(struct scene *s, const struct step *step, struct err *e)
{
	const struct net_lie *lie = &step->net;
	struct net *n = first_net(s, e);
	struct lie good, bad;
	int rc;

	if (!n)
		return -e->code;
	if (lie_open(&good, s->guest, REF_GOOD, e) < 0)
		return -e->code;
	rc = lie_open(&bad, s->guest, lie->ref, e);
	if (rc == 0 && lie->tcp)
		put_segment(n, lie, bad.page);
	if (rc == 0) {
		put_packet(&n->queues[0], lie, good.ref, bad.ref);
		net_queue_push(&n->queues[0]);
		rc = net_queue_wait(&n->queues[0], e);
		if (rc == 0)
			rc = answers(&n->queues[0], lie, e);
		lie_close(&bad);
	}
	lie_close(&good);
	return rc;
}

/* Closed by the back end; then we follow. */
static int is_closed(struct net *n, struct err *e)
{
	if (bus_wait(&n->bus,
		     BUS_IN(XenbusStateClosing) | BUS_IN(XenbusStateClosed),
		     CLOSED_MS, e) < 0)
		return err_wrap(e, "not refused");
	/* What it tells of a ring that we have broken means nothing. */
	n->bus.breach = (struct err){0};
	if (net_disconnect(n, e) < 0)
		return -e->code;
	return bus_check(&n->bus, e);
}

/* A packet whose last slot promises one more. */
static int unfinished(struct scene *s, const struct step *step, struct err *e)
{
	const struct netif_tx_request req = {
		.size = 60,
		.flags = step->net.flags,
	};
	const struct netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.flags = XEN_NETIF_EXTRA_FLAG_MORE,
	};
	struct net *n = first_net(s, e);

	if (!n)
		return -e->code;
	net_queue_put(&n->queues[0], &req);
	if (step->net.extras)
		net_queue_put_extra(&n->queues[0], &extra);
	net_queue_push(&n->queues[0]);
	return is_closed(n, e);
}

static int index_lied(struct scene *s, const struct step *step, struct err *e)
{
	const struct index_lie *lie = &step->index;
	struct net *n = first_net(s, e);
	struct net_queue *q;
	volatile uint32_t *index;

	if (!n || scene_check_net(n, e) < 0)
		return -e->code;
	if (lie->rx && s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	q = &n->queues[0];
	index = &(lie->rx ? &q->rx : &q->tx)->index[lie->which];
	*index = lie->relative ? *index + lie->by : lie->by;
	events_notify(s->guest->events, lie->rx ? q->rx_port : q->tx_port);
	/* Where there is room to receive nobody looks again before a frame. */
	if (lie->rx && scene_check_net(s->nets[1], e) < 0)
		return -e->code;
	return is_closed(n, e);
}

static int storm(struct scene *s, const struct step *step, struct err *e)
{
	struct net *n = first_net(s, e);
	unsigned int i;

	if (!n)
		return -e->code;
	for (i = 0; i < step->number; i++) {
		events_notify(s->guest->events, n->queues[0].tx_port);
		events_notify(s->guest->events, n->queues[0].rx_port);
	}
	return 0;
}

#define REFUSED .status = NETIF_RSP_ERROR
#define GSO(t, n)                                                             \
	.extras = 1, .extra_type = XEN_NETIF_EXTRA_TYPE_GSO, .gso_type = (t), \
	.gso_size = (n)

#define TCP(n) .slots = 1, .size = (n), .tcp = true, .flags = NETTXF_csum_blank

static const struct step steps[] = {
	{"a packet of no bytes", packet, .net = {.slots = 1, REFUSED}},
	{"a packet shorter than a header", packet,
	 .net = {.slots = 1, .size = 13, REFUSED}},
	{"a piece that leaves its page", packet,
	 .net = {.slots = 1, .size = 100, .offset = 4000, REFUSED}},
	{"an offset behind the page", packet,
	 .net = {.slots = 1, .size = 60, .offset = 4097, REFUSED}},
	{"the highest offset and size", packet,
	 .net = {.slots = 1, .size = 65535, .offset = 65535, REFUSED}},
	{"a page and more in one slot", packet,
	 .net = {.slots = 1, .size = 4097, REFUSED}},
	{"pieces larger than the packet", packet,
	 .net = {.slots = 3, .size = 100, .piece = 90, REFUSED}},
	{"pieces whose sum wraps at 2^16", packet,
	 .net = {.slots = 18, .size = 100, .piece = 4096, REFUSED}},
	{"19 slots", packet,
	 .net = {.slots = 19, .size = 1900, .piece = 100, REFUSED}},
	{"200 slots", packet,
	 .net = {.slots = 200, .size = 2000, .piece = 10, REFUSED}},
	{"18 slots of little more than nothing are served (XSA-432)", packet,
	 .net = {.slots = 18, .size = 37, .piece = 1}},
	{"pieces of no bytes are served, unlooked at (XSA-448)", packet,
	 .net = {.slots = 5, .size = 60}},
	{"all bytes in the second slot (XSA-448)", packet,
	 .net = {.slots = 2, .size = 60, .piece = 60}},
	{"a grant that was never given", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_NEVER_GRANTED, REFUSED}},
	{"three slots, the last without a grant", packet,
	 .net = {.slots = 3,
		 .size = 90,
		 .piece = 30,
		 .ref = REF_LAST_NEVER_GRANTED,
		 REFUSED}},
	{"the highest grant reference", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_HUGE, REFUSED}},
	{"a grant that was taken back", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_REVOKED, REFUSED}},
	{"a page granted read-only is served", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_READ_ONLY}},
	{"a grant to another domain", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_OTHER_DOMAIN, REFUSED}},
	{"a grant of a frame that is not the guest's", packet,
	 .net = {.slots = 1, .size = 60, .ref = REF_OTHERS_FRAME, REFUSED}},
	{"a checksum to fill in where there is none", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 .flags = NETTXF_csum_blank | NETTXF_data_validated,
		 REFUSED}},
	{"GSO of an unknown kind", packet,
	 .net = {.slots = 1, .size = 60, GSO(9, 1448), REFUSED}},
	{"GSO with a size of 0", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 GSO(XEN_NETIF_GSO_TYPE_TCPV4, 0),
		 REFUSED}},
	{"a segment that is right, before what follows", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 1448)}},
	{"GSO of the other family", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV6, 1448), REFUSED}},
	{"GSO with a size beyond the packet's", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 3000), REFUSED}},
	{"GSO without a payload", packet,
	 .net = {TCP(54), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 10), REFUSED}},
	{"GSO without a blank checksum", packet,
	 .net = {.slots = 1,
		 .size = 3000,
		 .tcp = true,
		 GSO(XEN_NETIF_GSO_TYPE_TCPV4, 1448),
		 REFUSED}},
	{"GSO of a fragment", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 1448), .wrong_at = 20,
		 .wrong = 0x20, REFUSED}},
	{"GSO of UDP", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 1448), .wrong_at = 23,
		 .wrong = 17, REFUSED}},
	{"GSO of a TCP header that is too short", packet,
	 .net = {TCP(3000), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 1448), .wrong_at = 46,
		 .wrong = 0x40, REFUSED}},
	{"GSO of one that leaves the packet", packet,
	 .net = {TCP(60), GSO(XEN_NETIF_GSO_TYPE_TCPV4, 5), .wrong_at = 46,
		 .wrong = 0xf0, REFUSED}},
	{"a checksum behind an IP header that is too short", packet,
	 .net = {TCP(200), .wrong_at = 14, .wrong = 0x44, REFUSED}},
	{"a checksum behind one that leaves the packet", packet,
	 .net = {TCP(60), .wrong_at = 14, .wrong = 0x4f, REFUSED}},
	{"a checksum of a protocol that has none", packet,
	 .net = {TCP(200), .wrong_at = 23, .wrong = 1, REFUSED}},
	{"the same extra information twice", packet,
	 .net = {TCP(3000), .extras = 2, .extra_type = XEN_NETIF_EXTRA_TYPE_GSO,
		 .gso_type = XEN_NETIF_GSO_TYPE_TCPV4, .gso_size = 1448,
		 REFUSED}},
	{"multicast control and a packet behind it", packet,
	 .net = {.slots = 2,
		 .size = 60,
		 .piece = 30,
		 .extras = 1,
		 .extra_type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
		 REFUSED}},
	{"an address that is none of multicast", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 .extras = 1,
		 .extra_type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
		 REFUSED}},
	{"a hash of its own is served", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 .extras = 1,
		 .extra_type = XEN_NETIF_EXTRA_TYPE_HASH}},
	{"extra information of type 0", packet,
	 .net = {.slots = 1, .size = 60, .extras = 1, REFUSED}},
	{"extra information of type 255", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 .extras = 1,
		 .extra_type = 255,
		 REFUSED}},
	{"a hundred slots of extra information", packet,
	 .net = {.slots = 1,
		 .size = 60,
		 .extras = 100,
		 .extra_type = 1,
		 REFUSED}},
	{"20000 events without a packet: goes on (XSA-332)", storm,
	 .number = 20000},
	{"a chain that ends early: closed", unfinished,
	 .net = {.flags = NETTXF_more_data}},
	{"extra information that does not come: closed", unfinished,
	 .net = {.flags = NETTXF_extra_info}},
	{"extra information that ends early: closed", unfinished,
	 .net = {.flags = NETTXF_extra_info, .extras = 1}},
	{"a tx producer beyond a full ring: closed", index_lied,
	 .index = {.which = RING_REQ_PROD, .relative = true, .by = 257}},
	{"a tx producer far ahead: closed", index_lied,
	 .index = {.which = RING_REQ_PROD, .relative = true, .by = 0x80000000}},
	{"a tx producer that moves back: closed", index_lied,
	 .index = {.which = RING_REQ_PROD, .relative = true, .by = UINT32_MAX}},
	{"an rx producer beyond a full ring: closed", index_lied,
	 .index = {.which = RING_REQ_PROD,
		   .rx = true,
		   .relative = true,
		   .by = 257}},
	{"an rx producer that moves back by a ring and more: closed",
	 index_lied,
	 .index = {.which = RING_REQ_PROD,
		   .rx = true,
		   .relative = true,
		   .by = -257u}},
};

const struct script net_lies =
	SCRIPT("net-lies", "packets and rings that make no sense", steps);
