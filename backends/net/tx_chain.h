/* SPDX-License-Identifier: MIT */
/*
 * Parsing the chain of ring slots that makes one packet of the guest's: the
 * wire format of <xen/io/netif.h>, "Guest transmit". Pure: it sees private
 * copies of slots and never the ring.
 */
#ifndef XN_NET_TX_CHAIN_H
#define XN_NET_TX_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

/* Either form a slot may take; which one, the slot before says. */
union tx_slot {
	struct netif_tx_request req;
	struct netif_extra_info extra;
};

/* A part of one granted page, not empty: offset + size <= 4096. */
struct tx_span {
	uint32_t gref;
	uint16_t offset;
	uint16_t size;
};

enum tx_verdict {
	TX_GOOD,
	TX_TOO_MANY_SLOTS, /* more than XEN_NETIF_NR_SLOTS_MIN */
	TX_HAS_EXTRA,	   /* extra information that was never offered */
	TX_BAD_SIZES,	   /* fragments exceed the size of the packet */
	TX_CROSSES_PAGE,
	TX_TOO_SMALL, /* no room for an Ethernet header */
};

struct tx_packet {
	unsigned int n_slots;  /* to be answered, extras included */
	unsigned int n_extras; /* slots 1 … n_extras of them */
	enum tx_verdict verdict;
	/* What follows is set for TX_GOOD only. */
	bool csum_blank;
	bool csum_valid;
	uint32_t size; /* bytes, the sum of the spans */
	unsigned int n_spans;
	struct tx_span spans[XEN_NETIF_NR_SLOTS_MIN];
};

/*
 * Parses the packet that begins at slots[0], of n slots taken. 0, and
 * p->verdict says whether the packet may be sent or is to be refused; or
 * -EPROTO when the chain has no end within n. Frontends publish whole packets
 * (Linux's netback ends the device too when one does not), so a chain that
 * the producer cuts short is a broken ring, not one to wait for.
 *
 * A fragment of no bytes is legal and its grant is never looked at (XSA-448).
 */
int tx_chain_parse(const union tx_slot *slots, unsigned int n,
		   struct tx_packet *p);

/* Why a packet was refused, in words. */
const char *tx_verdict_text(enum tx_verdict verdict);

#endif
