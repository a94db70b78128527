/* SPDX-License-Identifier: MIT */
/* Parsing the chain of ring slots that makes one packet of the guest's. */
#include "tx_chain.h"

#include <errno.h>
#include <stddef.h>
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

static enum tx_verdict judge(const union tx_slot *slots, struct tx_packet *p)
{
	const struct netif_tx_request *first = &slots[0].req;
	uint32_t rest = 0;
	unsigned int i;

	if (p->n_extras)
		return TX_HAS_EXTRA;
	if (p->n_slots > XEN_NETIF_NR_SLOTS_MIN)
		return TX_TOO_MANY_SLOTS;
	for (i = 1; i < p->n_slots; i++)
		rest += slots[i].req.size;
	/* The first slot carries the size of the whole packet. */
	if (rest > first->size)
		return TX_BAD_SIZES;
	if (first->size < ETHER_HDR_LEN)
		return TX_TOO_SMALL;
	if (!add_span(p, first, first->size - rest))
		return TX_CROSSES_PAGE;
	for (i = 1; i < p->n_slots; i++)
		if (!add_span(p, &slots[i].req, slots[i].req.size))
			return TX_CROSSES_PAGE;
	p->size = first->size;
	p->csum_blank = first->flags & NETTXF_csum_blank;
	p->csum_valid = first->flags & NETTXF_data_validated;
	return TX_GOOD;
}

int tx_chain_parse(const union tx_slot *slots, unsigned int n,
		   struct tx_packet *p)
{
	int rc = measure(slots, n, p);

	if (rc < 0)
		return rc;
	p->n_spans = 0;
	p->verdict = judge(slots, p);
	return 0;
}

const char *tx_verdict_text(enum tx_verdict verdict)
{
	switch (verdict) {
	case TX_GOOD:
		return "good";
	case TX_TOO_MANY_SLOTS:
		return "more than 18 slots";
	case TX_HAS_EXTRA:
		return "extra information that this backend does not offer";
	case TX_BAD_SIZES:
		return "fragments larger than the packet";
	case TX_CROSSES_PAGE:
		return "a fragment that leaves its page";
	case TX_TOO_SMALL:
		return "no Ethernet header";
	}
	return "unknown";
}
