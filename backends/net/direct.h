/* SPDX-License-Identifier: MIT */
/*
 * A frame on its way from one guest's pages to another's. Its head has been
 * copied to private memory and checked there, and it is that copy which is
 * delivered: what the sender writes over it meanwhile is seen by nobody. The
 * rest, which nothing is decided by, goes from page to page, once.
 */
#ifndef XN_NET_DIRECT_H
#define XN_NET_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "tx_chain.h"

/*
 * Bytes of a frame, at most: all of a small one, and more than the headers of
 * any that is met.
 */
#define DIRECT_HEAD 256u

struct arena;

struct direct {
	uint8_t *head; /* borrowed, and where it is */
	const struct arena *arena;
	uint32_t head_size;	   /* all of the frame when the rest is empty */
	uint32_t size;		   /* of the whole frame */
	struct frame_marks *marks; /* borrowed */
	uint32_t domid;		   /* whose pages the rest is in, and where */
	unsigned int n_rest;
	const struct tx_span *rest; /* borrowed */
	bool delivered;
};

#endif
