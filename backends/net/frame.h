/* SPDX-License-Identifier: MIT */
/*
 * Ethernet frames in linear memory: where the transport checksum is, and
 * filling it in. Pure. A "blank" checksum is Linux's CHECKSUM_PARTIAL: its
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

struct frame_transport {
	uint16_t start;
	uint16_t csum_offset;
	bool ipv6;
	bool tagged; /* behind one or two VLAN tags */
};

/*
 * Finds the TCP or UDP header of a frame: over IPv4 with options, over IPv6
 * with extension headers, behind up to two VLAN tags. False for anything
 * else, for a fragment of an IP packet, and for a header cut short.
 */
bool frame_find_transport(const uint8_t *frame, size_t size,
			  struct frame_transport *t);

/*
 * Completes a blank checksum and marks it valid. 0, or -EINVAL when the
 * field does not lie in the frame.
 */
int frame_fill_csum(uint8_t *frame, size_t size, struct frame_csum *csum);

#endif
