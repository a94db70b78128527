/* SPDX-License-Identifier: MIT */
/* Parsing the chain of ring slots that makes one packet of the guest's. */
#include "tx_chain.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <net/ethernet.h>

_Static_assert(sizeof(union tx_slot) == 12, "a slot is 12 bytes on the wire");

/* The number of extra slots after slots[0], or -EPROTO without an end. */
static int count_extras(const union tx_slot *slots, unsigned int n)
{
	unsigned int i = 0;

	if (!(slots[0].req.flags & NETTXF_extra_info))
		return 0;
	do {
		if (++i >= n)
			return -EPROTO;
	} while (slots[i].extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
	return (int)i;
}

/* Finds where the chain ends: p->n_slots and p->n_extras. */
static int measure(const union tx_slot *slots, unsigned int n,
		   struct tx_packet *p)
{
	int extras = n ? count_extras(slots, n) : -EPROTO;
	unsigned int last;
	bool more;

	if (extras < 0)
		return extras;
	p->n_extras = (unsigned int)extras;
	last = p->n_extras;
	more = slots[0].req.flags & NETTXF_more_data;
	while (more) {
		if (++last >= n)
			return -EPROTO;
		more = slots[last].req.flags & NETTXF_more_data;
	}
	p->n_slots = last + 1;
	return 0;
}

/* False when the span leaves its page. An empty one is not added at all. */
static bool add_span(struct tx_packet *p, const struct netif_tx_request *req,
		     uint32_t size)
{
	struct tx_span *span;

	if (size == 0)
		return true;
	if (req->offset > XC_PAGE_SIZE || size > XC_PAGE_SIZE - req->offset)
		return false;
	span = &p->spans[p->n_spans++];
	span->gref = req->gref;
	span->offset = req->offset;
	span->size = (uint16_t)size;
	return true;
}

static void hash_parse(const struct netif_extra_info *info, struct tx_extras *x)
{
	const uint8_t *v = info->u.hash.value;

	x->hashed = true;
	x->hash_type = info->u.hash.type;
	x->hash_algorithm = info->u.hash.algorithm;
	x->hash = v[0] | (uint32_t)v[1] << 8 | (uint32_t)v[2] << 16 |
		  (uint32_t)v[3] << 24;
}

static enum tx_verdict gso_parse(const struct netif_extra_info *info,
				 struct tx_extras *x)
{
	if (info->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
	    info->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
		return TX_GSO_KIND;
	if (info->u.gso.size == 0)
		return TX_GSO_SIZE;
	x->gso_type = info->u.gso.type;
	x->gso_size = info->u.gso.size;
	return TX_GOOD;
}

static enum tx_verdict extra_parse(const struct netif_extra_info *info,
				   struct tx_extras *x)
{
	switch (info->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		return gso_parse(info, x);
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		x->multicast = info->type;
		memcpy(x->address, info->u.mcast.addr, sizeof(x->address));
		return TX_GOOD;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		hash_parse(info, x);
		return TX_GOOD;
	default:
		return TX_UNKNOWN_EXTRA;
	}
}

/* The slots 1 … n_extras. */
static enum tx_verdict extras_parse(const union tx_slot *slots,
				    struct tx_packet *p)
{
	enum tx_verdict verdict;
	uint32_t seen = 0; /* a bit for each type; all known ones are small */
	unsigned int i;

	memset(&p->extras, 0, sizeof(p->extras));
	for (i = 1; i <= p->n_extras; i++) {
		const struct netif_extra_info *info = &slots[i].extra;

		if (info->type >= XEN_NETIF_EXTRA_TYPE_MAX)
			return TX_UNKNOWN_EXTRA;
		if (seen & 1u << info->type)
			return TX_EXTRA_TWICE;
		seen |= 1u << info->type;
		verdict = extra_parse(info, &p->extras);
		if (verdict != TX_GOOD)
			return verdict;
	}
	return TX_GOOD;
}

/* The data slots follow slots[n_extras]; the first one is slots[0]. */
static enum tx_verdict spans_parse(const union tx_slot *slots,
				   struct tx_packet *p)
{
	const struct netif_tx_request *first = &slots[0].req;
	uint32_t rest = 0;
	unsigned int i;

	if (p->n_slots - p->n_extras > XEN_NETIF_NR_SLOTS_MIN)
		return TX_TOO_MANY_SLOTS;
	for (i = p->n_extras + 1; i < p->n_slots; i++)
		rest += slots[i].req.size;
	/* The first slot carries the size of the whole packet. */
	if (rest > first->size)
		return TX_BAD_SIZES;
	if (first->size < ETHER_HDR_LEN)
		return TX_TOO_SMALL;
	if (!add_span(p, first, first->size - rest))
		return TX_CROSSES_PAGE;
	for (i = p->n_extras + 1; i < p->n_slots; i++)
		if (!add_span(p, &slots[i].req, slots[i].req.size))
			return TX_CROSSES_PAGE;
	p->size = first->size;
	p->csum_blank = first->flags & NETTXF_csum_blank;
	p->csum_valid = first->flags & NETTXF_data_validated;
	return TX_GOOD;
}

static enum tx_verdict judge(const union tx_slot *slots, struct tx_packet *p)
{
	enum tx_verdict verdict = extras_parse(slots, p);

	if (verdict != TX_GOOD)
		return verdict;
	if (p->extras.multicast)
		return p->n_extras == 1 && p->n_slots == 2 ? TX_MULTICAST
							   : TX_BAD_MULTICAST;
	verdict = spans_parse(slots, p);
	if (verdict != TX_GOOD || !p->extras.gso_type)
		return verdict;
	if (p->extras.gso_size >= p->size)
		return TX_GSO_SIZE;
	return p->csum_blank ? TX_GOOD : TX_GSO_SUM;
}

int tx_chain_parse(const union tx_slot *slots, unsigned int n,
		   struct tx_packet *p)
{
	int rc = measure(slots, n, p);

	if (rc < 0)
		return rc;
	p->size = 0;
	p->n_spans = 0;
	p->verdict = judge(slots, p);
	return 0;
}

const char *tx_verdict_text(enum tx_verdict verdict)
{
	switch (verdict) {
	case TX_GOOD:
		return "good";
	case TX_MULTICAST:
		return "multicast control";
	case TX_TOO_MANY_SLOTS:
		return "more than 18 slots";
	case TX_BAD_SIZES:
		return "fragments larger than the packet";
	case TX_CROSSES_PAGE:
		return "a fragment that leaves its page";
	case TX_TOO_SMALL:
		return "no Ethernet header";
	case TX_UNKNOWN_EXTRA:
		return "extra information of an unknown type";
	case TX_EXTRA_TWICE:
		return "extra information of one type twice";
	case TX_GSO_KIND:
		return "GSO neither of TCPv4 nor of TCPv6";
	case TX_GSO_SIZE:
		return "a GSO size of nothing, or not below the packet's";
	case TX_GSO_SUM:
		return "GSO and a checksum that is not blank";
	case TX_BAD_MULTICAST:
		return "multicast control, and more than that";
	}
	return "unknown";
}
