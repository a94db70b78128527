/* SPDX-License-Identifier: MIT */
/*
 * A guest's own front end, that lies: the table of what it does. Run in a
 * guest whose netfront has let go of interface 0.
 */
#include <stdio.h>

#include "acts.h"

#define PACKET(text, ...)                                   \
	{                                                   \
		text, act_packet, .packet = { __VA_ARGS__ } \
	}
#define CLOSES(text, ...)                                           \
	{                                                           \
		text, act_closing_packet, .packet = { __VA_ARGS__ } \
	}
#define KEY(says, k, t)                                \
	{                                              \
		says, act_key, .key = (k), .text = (t) \
	}
#define WRONG	     .answer = REFUSED
#define BLANK	     .flags = NETTXF_csum_blank
#define EXTRAS(n, t) .extras = (n), .extra_type = XEN_NETIF_EXTRA_TYPE_##t
#define GSO(kind, bytes)                                       \
	EXTRAS(1, GSO), .gso_type = XEN_NETIF_GSO_TYPE_##kind, \
			.gso_size = (bytes)

static const struct row rows[] = {
	PACKET("a packet of no bytes", .size = 0, WRONG),
	PACKET("a packet shorter than a header", .size = 13, WRONG),
	PACKET("a piece that leaves its page", .size = 100, .offset = 4000,
	       WRONG),
	PACKET("an offset behind the page", .size = 60, .offset = 4097, WRONG),
	PACKET("the highest offset and size", .size = 65535, .offset = 65535,
	       WRONG),
	PACKET("a page and more in one slot", .size = 4097, WRONG),
	PACKET("pieces larger than the packet", .slots = 3, .size = 100,
	       .piece = 90, WRONG),
	PACKET("pieces whose sum wraps at 2^16", .slots = 18, .size = 100,
	       .piece = 4096, WRONG),
	PACKET("19 slots", .slots = 19, .size = 1900, .piece = 100, WRONG),
	PACKET("200 slots", .slots = 200, .size = 2000, .piece = 10, WRONG),
	PACKET("18 slots of next to nothing are served (XSA-432)", .slots = 18,
	       .size = 37, .piece = 1),
	PACKET("pieces of no bytes are served (XSA-448)", .slots = 5,
	       .size = 60),
	PACKET("and unlooked at, without a grant (XSA-448)", .slots = 2,
	       .size = 60, .ref = REVOKED),
	PACKET("all bytes in the second slot are served (XSA-448)", .slots = 2,
	       .size = 60, .piece = 60),
	PACKET("a header in slots of a byte is served (XSA-423)", .slots = 18,
	       .size = 54, .piece = 1, .tcp = true, BLANK),
	PACKET("a grant that is not given any more", .size = 60, .ref = REVOKED,
	       WRONG),
	PACKET("a grant beyond the table", .size = 60, .ref = BEYOND_TABLE,
	       WRONG),
	PACKET("another domain's grant", .size = 60, .ref = STRANGERS, WRONG),
	PACKET("three slots, the last without a grant", .slots = 3, .size = 90,
	       .piece = 30, .ref = REVOKED, WRONG),
	PACKET("a checksum to fill in where there is none", .size = 60, BLANK,
	       WRONG),
	PACKET("GSO that is right is served", .slots = 5, .size = 16000,
	       .piece = 3800, .tcp = true, BLANK, GSO(TCPV4, 1400)),
	PACKET("GSO of an unknown kind", .slots = 1, .size = 3000, .tcp = true,
	       BLANK, EXTRAS(1, GSO), .gso_type = 9, .gso_size = 1400, WRONG),
	PACKET("GSO of the other family", .size = 3000, .tcp = true, BLANK,
	       GSO(TCPV6, 1400), WRONG),
	PACKET("GSO with a size of 0", .size = 3000, .tcp = true, BLANK,
	       GSO(TCPV4, 0), WRONG),
	PACKET("GSO with a size beyond the packet's", .size = 3000, .tcp = true,
	       BLANK, GSO(TCPV4, 3000), WRONG),
	PACKET("GSO without a blank checksum", .size = 3000, .tcp = true,
	       GSO(TCPV4, 1400), WRONG),
	PACKET("GSO without a segment", .size = 3000, BLANK, GSO(TCPV4, 1400),
	       WRONG),
	PACKET("extra information of type 0", .size = 60, EXTRAS(1, NONE),
	       WRONG),
	PACKET("extra information of type 5", .size = 60, EXTRAS(1, MAX),
	       WRONG),
	PACKET("extra information twice", .size = 3000, .tcp = true, BLANK,
	       EXTRAS(2, GSO), .gso_type = XEN_NETIF_GSO_TYPE_TCPV4,
	       .gso_size = 1400, WRONG),
	PACKET("a hundred slots of extra information", .size = 60,
	       EXTRAS(100, GSO), WRONG),
	PACKET("multicast control with a packet behind it", .slots = 2,
	       .size = 60, .piece = 30, EXTRAS(1, MCAST_ADD), WRONG),
	PACKET("an address that is no multicast", .size = 60,
	       EXTRAS(1, MCAST_ADD), WRONG),
	{"100000 packets that are refused (XSA-39)", act_packets,
	 .number = 100000},
	{"100000 events that tell nothing (XSA-332)", act_storm,
	 .number = 100000},
	CLOSES("a chain without an end: closed", .size = 60, .truncated = true),
	CLOSES("extra information without an end: closed", .size = 60,
	       EXTRAS(1, GSO), .truncated = true),
	{"a tx producer beyond a full ring: closed", act_tx_producer,
	 .number = 257},
	{"a tx producer far ahead: closed", act_tx_producer,
	 .number = 0x80000000},
	{"a tx producer that moves back: closed", act_tx_producer,
	 .number = -1u},
	{"an rx producer beyond a full ring: closed", act_rx_producer,
	 .number = 257},
	{"an rx producer that moves back: closed", act_rx_producer,
	 .number = -257u},
	{"slots to receive in that may only be read", act_rx_grants,
	 .number = GOOD},
	{"slots to receive in without a grant", act_rx_grants,
	 .number = REVOKED},
	{"slots to receive in that are another's", act_rx_grants,
	 .number = STRANGERS},
	{"slots to send change while they are read (XSA-155)", act_race,
	 .number = 0},
	{"slots to receive change while they are read", act_race, .number = 1},
	KEY("no queue: refused (CVE-2026-45890)", "multi-queue-num-queues",
	    "0"),
	KEY("2^32 queues: refused", "multi-queue-num-queues", "4294967296"),
	KEY("a word for a ring: refused", "tx-ring-ref", "abc"),
	KEY("no ring: refused", "rx-ring-ref", NULL),
	KEY("a ring that is not granted: refused", "tx-ring-ref", "2147483647"),
	KEY("a port that there is not: refused", "event-channel-tx", "4000"),
};

int main(void)
{
	static struct vif vif;
	size_t i;

	machine_open();
	vif_make(&vif);
	acts_open();
	if (!vif_connect(&vif, NULL, NULL))
		give_up("it is not connected at first");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rows[i].act(&vif, &rows[i]);
	vif_close(&vif);
	printf("\nGUEST hostile rows %u\n", acts_told());
	return acts_broken() != 0;
}
