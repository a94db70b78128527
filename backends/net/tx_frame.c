/* SPDX-License-Identifier: MIT */
/* What a packet of the guest's is as a frame. */
#include "tx_frame.h"

#include "frame.h"
#include "tx_chain.h"

size_t tx_frame_place(const struct tx_packet *packet)
{
	size_t at = 0, in_page = 0;
	uint16_t largest = 0;
	unsigned int i;

	for (i = 0; i < packet->n_spans; i++) {
		const struct tx_span *span = &packet->spans[i];

		if (span->size > largest) {
			largest = span->size;
			in_page = (span->offset - at) % XC_PAGE_SIZE;
		}
		at += span->size;
	}
	return in_page;
}

void tx_frame_mark(struct frame_marks *marks, const struct tx_packet *packet)
{
	if (packet->csum_blank)
		marks->csum.state = FRAME_CSUM_BLANK;
	else if (packet->csum_valid)
		marks->csum.state = FRAME_CSUM_VALID;
	marks->gso.size = packet->extras.gso_size;
	if (packet->extras.gso_type == XEN_NETIF_GSO_TYPE_TCPV4)
		marks->gso.kind = FRAME_GSO_TCPV4;
	else if (packet->extras.gso_type == XEN_NETIF_GSO_TYPE_TCPV6)
		marks->gso.kind = FRAME_GSO_TCPV6;
}

const char *tx_frame_measure(const uint8_t *frame, uint32_t size,
			     struct frame_marks *marks)
{
	struct frame_transport t;

	if (marks->gso.kind != FRAME_GSO_NONE)
		return frame_measure_gso(frame, size, marks)
			       ? NULL
			       : "GSO, and no TCP segment of that kind";
	if (marks->csum.state != FRAME_CSUM_BLANK)
		return NULL;
	if (!frame_find_transport(frame, size, &t))
		return "a blank checksum, and no place for it";
	marks->csum.start = t.start;
	marks->csum.offset = t.csum_offset;
	return NULL;
}
