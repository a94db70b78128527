/* SPDX-License-Identifier: MIT */
/*
 * What a packet of the guest's is as a frame: where it had best lie in
 * memory, and what goes beside it on its way to the tap. Pure.
 */
#ifndef XN_NET_TX_FRAME_H
#define XN_NET_TX_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct frame_marks;
struct tx_packet;

/*
 * How far behind the beginning of a page a packet's first byte should be, so
 * that its largest part is split as the guest's page is, which is not at all:
 * grant copies are done page by page, at both ends.
 */
size_t tx_frame_place(const struct tx_packet *packet);

/* The marks, zeroed before, as far as the packet's slots tell. */
void tx_frame_mark(struct frame_marks *marks, const struct tx_packet *packet);

/*
 * And the rest, from the frame itself, which is all there now. NULL, or what
 * the frame lacks for what its slots have said.
 */
const char *tx_frame_measure(const uint8_t *frame, uint32_t size,
			     struct frame_marks *marks);

#endif
