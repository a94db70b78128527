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
	TX_MULTICAST,	   /* no frame: a word about the multicast filter */
	TX_TOO_MANY_SLOTS, /* more than XEN_NETIF_NR_SLOTS_MIN with data */
	TX_BAD_SIZES,	   /* fragments exceed the size of the packet */
	TX_CROSSES_PAGE,
	TX_TOO_SMALL, /* no room for an Ethernet header */
	TX_UNKNOWN_EXTRA,
	TX_EXTRA_TWICE,
	TX_GSO_KIND,	  /* neither TCPv4 nor TCPv6 */
	TX_GSO_SIZE,	  /* of a segment: nothing, or not below the packet's */
	TX_GSO_SUM,	  /* its checksum is not blank */
	TX_BAD_MULTICAST, /* such a word, and more than that */
};

/* What the extra slots of a packet say, each kind of them once at most. */
struct tx_extras {
	uint8_t gso_type;  /* XEN_NETIF_GSO_TYPE_…; NONE when there is none */
	uint16_t gso_size; /* payload bytes of a segment, not 0 */
	uint8_t multicast; /* XEN_NETIF_EXTRA_TYPE_MCAST_ADD, …_DEL, or 0 */
	uint8_t address[6]; /* to be added or deleted */
	bool hashed;
	uint8_t hash_type; /* _XEN_NETIF_CTRL_HASH_TYPE_…, unchecked */
	uint8_t hash_algorithm;
	uint32_t hash;
};

struct tx_packet {
	unsigned int n_slots;  /* to be answered, extras included */
	unsigned int n_extras; /* slots 1 … n_extras of them */
	enum tx_verdict verdict;
	struct tx_extras extras; /* set for TX_GOOD and TX_MULTICAST; */
	/* and what follows, for TX_GOOD only. */
	bool csum_blank; /* always with GSO */
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
 * Extra slots do not count among the 18, and carry no data.
 */
int tx_chain_parse(const union tx_slot *slots, unsigned int n,
		   struct tx_packet *p);

/* Why a packet was refused, in words. */
const char *tx_verdict_text(enum tx_verdict verdict);

#endif
