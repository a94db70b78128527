/* SPDX-License-Identifier: MIT */
/*
 * A guest's own front end, that lies: the tables of what it does. Run in a
 * guest whose kernel has no driver for interface 0.
 */
#include <stdio.h>

#include "acts.h"

#define MEET	"data/go"
#define MEET_MS 300000

#define PACKET(text, ...)                                   \
	{                                                   \
		text, act_packet, .packet = { __VA_ARGS__ } \
	}
#define REFUSED	     .refused = true
#define BLANK	     .flags = NETTXF_csum_blank
#define EXTRAS(n, t) .extras = (n), .extra_type = XEN_NETIF_EXTRA_TYPE_##t
#define GSO(kind, bytes)                                       \
	EXTRAS(1, GSO), .gso_type = XEN_NETIF_GSO_TYPE_##kind, \
			.gso_size = (bytes)
/* A segment of 3000 bytes that is right but for what follows. */
#define SEGMENT .size = 3000, .tcp = true, BLANK, GSO(TCPV4, 1400)
/* A short one, with its checksum blank. */
#define SUM(n)		   .size = (n), .tcp = true, BLANK
#define WRONG(where, what) .at = (where), .byte = (what), REFUSED

#define CTRL(text, owed, kind, ...)                                  \
	{                                                            \
		text, act_ctrl,                                      \
			.ctrl = {.type = XEN_NETIF_CTRL_TYPE_##kind, \
				 .data = {__VA_ARGS__}},             \
			.status = XEN_NETIF_CTRL_STATUS_##owed       \
	}
#define CTRL_PAGE(text, owed, kind, grant, ...)                      \
	{                                                            \
		text, act_ctrl,                                      \
			.ctrl = {.type = XEN_NETIF_CTRL_TYPE_##kind, \
				 .data = {__VA_ARGS__}},             \
			.status = XEN_NETIF_CTRL_STATUS_##owed,      \
			.ref = (grant), .with_page = true            \
	}

/* After which it goes on, in one connection. */
static const struct row goes_on[] = {
	PACKET("a packet of no bytes", .size = 0, REFUSED),
	PACKET("three slots of no bytes (XSA-448)", .slots = 3, REFUSED),
	PACKET("a packet shorter than a header", .size = 13, REFUSED),
	PACKET("a piece that leaves its page", .size = 100, .offset = 4000,
	       REFUSED),
	PACKET("an offset behind the page", .size = 60, .offset = 4097,
	       REFUSED),
	PACKET("the highest offset and size", .size = 65535, .offset = 65535,
	       REFUSED),
	PACKET("a page and more in one slot", .size = 4097, REFUSED),
	PACKET("pieces larger than the packet", .slots = 3, .size = 100,
	       .piece = 90, REFUSED),
	PACKET("pieces whose sum wraps at 2^16", .slots = 18, .size = 100,
	       .piece = 4096, REFUSED),
	PACKET("19 slots (XSA-432)", .slots = 19, .size = 1900, .piece = 100,
	       REFUSED),
	PACKET("200 slots", .slots = 200, .size = 2000, .piece = 10, REFUSED),
	PACKET("17 slots of a byte each come whole (XSA-423, XSA-432)",
	       .slots = 18, .size = 60, .first = 1, .piece = 1),
	PACKET("so does a segment, and its blank checksum is found (XSA-423)",
	       .slots = 18, .first = 1, .piece = 1, SUM(60)),
	PACKET("pieces of no bytes are left out (XSA-448)", .slots = 5,
	       .size = 60),
	PACKET("one between two others, too (XSA-448)", .slots = 4, .size = 60,
	       .piece = 20, .hollow = 2),
	PACKET("unlooked at: without a grant (XSA-448)", .slots = 2, .size = 60,
	       .ref = REVOKED),
	PACKET("all bytes in the second slot come whole (XSA-448)", .slots = 2,
	       .size = 60, .piece = 60),
	PACKET("a grant that is not given any more", .size = 60, .ref = REVOKED,
	       REFUSED),
	PACKET("a grant beyond the table", .size = 60, .ref = BEYOND_TABLE,
	       REFUSED),
	PACKET("another domain's grant", .size = 60, .ref = STRANGERS, REFUSED),
	PACKET("three slots, the last without a grant", .slots = 3, .size = 60,
	       .piece = 20, .ref = REVOKED, REFUSED),
	PACKET("a checksum to fill in where there is none", .size = 60, BLANK,
	       REFUSED),
	PACKET("a checksum behind an IP header that is too short", SUM(200),
	       WRONG(14, 0x44)),
	PACKET("a checksum behind one that leaves the packet", SUM(60),
	       WRONG(14, 0x4f)),
	PACKET("a checksum of a protocol that has none", SUM(200),
	       WRONG(23, 1)),
	PACKET("GSO that is right is served", .slots = 5, .size = 16000,
	       .piece = 3800, .tcp = true, BLANK, GSO(TCPV4, 1400)),
	PACKET("and in one slot, before what follows", SEGMENT),
	PACKET("GSO of an unknown kind", .size = 3000, .tcp = true, BLANK,
	       EXTRAS(1, GSO), .gso_type = 9, .gso_size = 1400, REFUSED),
	PACKET("GSO of the other family", .size = 3000, .tcp = true, BLANK,
	       GSO(TCPV6, 1400), REFUSED),
	PACKET("GSO with a size of 0", .size = 3000, .tcp = true, BLANK,
	       GSO(TCPV4, 0), REFUSED),
	PACKET("GSO with a size beyond the packet's", .size = 3000, .tcp = true,
	       BLANK, GSO(TCPV4, 3000), REFUSED),
	PACKET("GSO without a payload", SUM(54), GSO(TCPV4, 10), REFUSED),
	PACKET("GSO without a blank checksum", .size = 3000, .tcp = true,
	       GSO(TCPV4, 1400), REFUSED),
	PACKET("GSO of what is no segment", .size = 3000, BLANK,
	       GSO(TCPV4, 1400), REFUSED),
	PACKET("GSO of a fragment", SEGMENT, WRONG(20, 0x20)),
	PACKET("GSO of UDP", SEGMENT, WRONG(23, 17)),
	PACKET("GSO of a TCP header that is too short", SEGMENT,
	       WRONG(46, 0x40)),
	PACKET("GSO of one that leaves the packet", SUM(60), GSO(TCPV4, 5),
	       WRONG(46, 0xf0)),
	PACKET("a hash of its own is served", .size = 60, EXTRAS(1, HASH)),
	PACKET("extra information of type 0", .size = 60, EXTRAS(1, NONE),
	       REFUSED),
	PACKET("extra information of type 255", .size = 60, .extras = 1,
	       .extra_type = 255, REFUSED),
	PACKET("extra information twice", .size = 3000, .tcp = true, BLANK,
	       EXTRAS(2, GSO), .gso_type = XEN_NETIF_GSO_TYPE_TCPV4,
	       .gso_size = 1400, REFUSED),
	PACKET("a hundred slots of extra information", .size = 60,
	       EXTRAS(100, GSO), REFUSED),
	PACKET("multicast control with a packet behind it", .slots = 2,
	       .size = 60, .piece = 30, EXTRAS(1, MCAST_ADD), REFUSED),
	PACKET("an address that is no multicast", .size = 60,
	       EXTRAS(1, MCAST_ADD), REFUSED, .uncounted = true),
	CTRL("control: a type that there is not", NOT_SUPPORTED, INVALID, 0),
	CTRL("control: staging grants, not offered", NOT_SUPPORTED,
	     ADD_GREF_MAPPING, 0),
	CTRL("control: hashing is served, before what follows", SUCCESS,
	     SET_HASH_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ),
	CTRL("control: and a table of four", SUCCESS, SET_HASH_MAPPING_SIZE, 4),
	CTRL("control: a table of 2^32 - 1 (XSA-270)", INVALID_PARAMETER,
	     SET_HASH_MAPPING_SIZE, UINT32_MAX),
	CTRL_PAGE("control: all its entries are taken", SUCCESS,
		  SET_HASH_MAPPING, GOOD, 0, 4, 0),
	CTRL_PAGE("control: an end that wraps at 2^32 (XSA-270)",
		  INVALID_PARAMETER, SET_HASH_MAPPING, GOOD, 0, 2, UINT32_MAX),
	CTRL_PAGE("control: one entry behind the end (XSA-270)",
		  INVALID_PARAMETER, SET_HASH_MAPPING, GOOD, 0, 1, 4),
	CTRL_PAGE("control: 2^32 - 1 entries (XSA-270)", BUFFER_OVERFLOW,
		  SET_HASH_MAPPING, GOOD, 0, UINT32_MAX, 1),
	CTRL_PAGE("control: a key of 41 bytes", BUFFER_OVERFLOW, SET_HASH_KEY,
		  GOOD, 0, 41),
	CTRL_PAGE("control: a key without a grant", INVALID_PARAMETER,
		  SET_HASH_KEY, REVOKED, 0, 40),
	{"slots to receive in that may only be read", act_rx_grants,
	 .number = GOOD},
	{"slots to receive in without a grant", act_rx_grants,
	 .number = REVOKED},
	{"slots to receive in that are another's", act_rx_grants,
	 .number = STRANGERS},
	{"20000 packets that are refused (XSA-39)", act_packets,
	 .number = 20000},
	{"20000 events that tell nothing (XSA-332)", act_storm,
	 .number = 20000},
	{"Connected written 200 times (XSA-349)", act_state_flood,
	 .number = 200},
};

#define CLOSES(text, words, ...)                                        \
	{                                                               \
		text ": closed", act_closing_packet, words, .packet = { \
			__VA_ARGS__                                     \
		}                                                       \
	}
#define TX     "transmit ring is corrupt: producer"
#define RX     "receive ring is corrupt: producer"
#define NO_END "transmit ring is corrupt: the packet in its last "
#define KEY(says, words, k, t)                                            \
	{                                                                 \
		says ": refused", act_key, words, .key = (k), .text = (t) \
	}
#define STATE(says, t)                                               \
	{                                                            \
		says ": closed", act_state, .key = NULL, .text = (t) \
	}

/* Most are the end of the connection, and the next one is served. */
static const struct row ends_it[] = {
	CLOSES("a chain without an end", NO_END "1 slots has no end",
	       .size = 60, .truncated = true),
	CLOSES("one of two slots", NO_END "2 slots has no end", .size = 60,
	       .slots = 2, .piece = 30, .truncated = true),
	CLOSES("extra information without an end", NO_END "2 slots has no end",
	       .size = 60, EXTRAS(1, GSO), .truncated = true),
	{"a tx producer beyond a full ring: closed", act_tx_producer, TX,
	 .number = 257},
	{"a tx producer far ahead: closed (XSA-39)", act_tx_producer, TX,
	 .number = 0x80000000},
	{"a tx producer that moves back: closed", act_tx_producer, TX,
	 .number = -1},
	{"an rx producer beyond a full ring: closed", act_rx_producer, RX,
	 .number = 257},
	{"an rx producer that moves back: closed", act_rx_producer, RX,
	 .number = -257},
	{"a control producer beyond a full ring: closed", act_ctrl_producer,
	 "control ring is corrupt: producer", .number = 4096},
	KEY("no queue (CVE-2026-45890)", "multi-queue-num-queues is \"0\"",
	    "multi-queue-num-queues", "0"),
	KEY("2^32 queues", "multi-queue-num-queues is \"4294967296\"",
	    "multi-queue-num-queues", "4294967296"),
	KEY("two queues, and the keys of one", "gives no queue-0/tx-ring-ref",
	    "multi-queue-num-queues", "2"),
	KEY("a word for a ring", "tx-ring-ref is no number", "tx-ring-ref",
	    "abc"),
	KEY("no ring", "gives no rx-ring-ref", "rx-ring-ref", NULL),
	KEY("pages to be flipped", "request-rx-copy", "request-rx-copy", "0"),
	KEY("a ring that is not granted",
	    "cannot map the transmit ring, grant 2147483647", "tx-ring-ref",
	    "2147483647"),
	KEY("a control ring that is not", "cannot map the control ring",
	    "ctrl-ring-ref", "2147483647"),
	KEY("a port that there is not", "cannot bind port 4000 of domain",
	    "event-channel-tx", "4000"),
	STATE("a word for a state", "abc"),
	STATE("no state", NULL),
	STATE("Initialising, unclosed", "1"),
	{"toggled 100 times: can be closed (XSA-350)", act_state_toggle,
	 .number = 100},
	{"another back end is claimed: closes, comes back (XSA-175)",
	 act_back_end, .number = 0},
	{"no slots at all, and then some (XSA-392)", act_hoard, .number = 500},
	{"slots to send change while they are read (XSA-155)", act_race,
	 .number = 0},
	{"chains, too, change while they are read (XSA-155)", act_wild_race,
	 .number = 0},
	{"slots to receive in change while they are read", act_rx_race,
	 .number = 0},
};

static void play(struct vif *v, const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		rows[i].act(v, &rows[i]);
}

/* Until dom0 has looked at what this has left. */
static void meet(void)
{
	const uint64_t end = now_ms() + MEET_MS;
	char text[8];

	store_watch(MEET);
	acts_sum_up();
	printf("GUEST hostile meets\n");
	fflush(stdout);
	while (!store_read(MEET, text, sizeof(text))) {
		if (now_ms() >= end)
			give_up("dom0 does not come");
		machine_wait(end);
	}
}

int main(void)
{
	static struct vif vif;

	machine_open();
	vif_make(&vif);
	acts_open(&vif);
	play(&vif, goes_on, sizeof(goes_on) / sizeof(goes_on[0]));
	meet();
	play(&vif, ends_it, sizeof(ends_it) / sizeof(ends_it[0]));
	acts_sum_up();
	printf("GUEST hostile lied %d\n", !acts_all_held());
	act_rage(&vif);
}
