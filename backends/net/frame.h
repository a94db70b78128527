/* SPDX-License-Identifier: MIT */
/*
 * Ethernet frames in linear memory: where the transport checksum is, filling
 * it in, and what it takes to cut a frame of GSO. Pure. A "blank" checksum is Linux's CHECKSUM_PARTIAL: its
 * field holds the sum of the pseudo-header, not complemented, and whoever
 * completes it adds everything from the transport header to the end.
 */
#ifndef XN_NET_FRAME_H
#define XN_NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_csum_state {
	FRAME_CSUM_UNKNOWN, /* as found on the wire; to be verified */
	FRAME_CSUM_VALID,   /* verified already */
	FRAME_CSUM_BLANK,
};

/* start and offset are set for FRAME_CSUM_BLANK only. */
struct frame_csum {
	enum frame_csum_state state;
	uint16_t start;	 /* of the transport header, in the frame */
	uint16_t offset; /* of the checksum, in the transport header */
};

enum frame_gso_kind {
	FRAME_GSO_NONE,
	FRAME_GSO_TCPV4,
	FRAME_GSO_TCPV6,
};

/* A frame that stands for several, to be cut by whoever cannot take it. */
struct frame_gso {
	enum frame_gso_kind kind;
	uint16_t size;	 /* payload bytes of each; what follows, for tx only */
	uint16_t header; /* bytes before the payload, which each repeats */
	bool ecn;	 /* CWR is set, which only the first may keep */
};

/* What goes beside a frame. */
struct frame_marks {
	struct frame_csum csum; /* blank with GSO */
	struct frame_gso gso;
};

struct frame_transport {
	uint16_t ip;	/* where the network header is, */
	uint16_t start; /* and the transport header */
	uint16_t csum_offset;
	bool ipv6;
	bool tagged; /* behind one or two VLAN tags */
};

/*
 * Where what a frame carries begins, behind up to two VLAN tags, and what that
 * is (an Ethernet type). 0 when it is cut short before.
 */
size_t frame_find_network(const uint8_t *frame, size_t size, uint16_t *type);

/*
 * Finds the TCP or UDP header of a frame: over IPv4 with options, over IPv6
 * with extension headers, behind up to two VLAN tags. False for anything
 * else, for a fragment of an IP packet, and for a header cut short.
 */
bool frame_find_transport(const uint8_t *frame, size_t size,
			  struct frame_transport *t);

/*
 * Completes the marks of a frame of which gso.kind and gso.size are known.
 * False when it is no TCP segment of that kind, lacks a part of its headers,
 * or has no byte behind them.
 */
bool frame_measure_gso(const uint8_t *frame, size_t size,
		       struct frame_marks *marks);

/*
 * Completes a blank checksum and marks it valid. 0, or -EINVAL when the
 * field does not lie in the frame.
 */
int frame_fill_csum(uint8_t *frame, size_t size, struct frame_csum *csum);

#endif
