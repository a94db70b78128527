/* SPDX-License-Identifier: MIT */
/*
 * What a frame is on the receive ring: the flags of its first slot, the extra
 * information behind that, and how many slots its bytes take. As
 * <xen/io/netif.h>, "Guest receive", has it. Pure, but for a checksum that it
 * may complete in the frame.
 */
#ifndef XN_NET_RX_SHAPE_H
#define XN_NET_RX_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

struct frame_csum;
struct frame_marks;
struct hash;

#define RX_EXTRAS_MAX 3

struct rx_shape {
	uint16_t flags;	     /* NETRXF_…, but for more_data */
	uint16_t offset;     /* of the data in the first slot; in others 0 */
	unsigned int n_data; /* slots with data, at most 17 */
	unsigned int n_extras;
	struct netif_extra_info extras[RX_EXTRAS_MAX];
};

/*
 * Whether a guest that offered flags can complete this frame's blank checksum:
 * it does so only where it finds TCP or UDP by itself, which it does not look
 * for behind a VLAN tag. size: of the frame, or of so much of it as there is;
 * true is true of the whole frame then.
 */
bool rx_shape_may_stay_blank(uint32_t flags, const uint8_t *frame,
			     uint32_t size, const struct frame_csum *csum);

/*
 * For a guest that offered flags (MSG_NET_…) and wants headroom bytes, at
 * most MSG_NET_HEADROOM_MAX, left free. A checksum that the guest would not
 * complete is completed, and marks say so. 0; -EMSGSIZE: it takes more than
 * one slot, and the guest takes no such; -EOPNOTSUPP: GSO that the guest does
 * not take, to be cut.
 */
int rx_shape_find(struct rx_shape *shape, uint32_t flags, uint32_t headroom,
		  uint8_t *frame, uint32_t size, struct frame_marks *marks);

/* Adds what the guest wants to know of a frame's hash, if it has one. */
void rx_shape_add_hash(struct rx_shape *shape, const struct hash *hash);

/* How many bytes slot i of those with data has, of a frame of size bytes. */
uint16_t rx_shape_part(const struct rx_shape *shape, unsigned int i,
		       uint32_t size);

#endif
