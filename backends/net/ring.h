/* SPDX-License-Identifier: MIT */
/* Judging the one ring index that the guest writes and we follow. Pure. */
#ifndef XN_NET_RING_H
#define XN_NET_RING_H

#include <stdint.h>

/*
 * prod: the guest's producer, read once. taken: how far we have copied
 * requests out; answered: how far we have answered, at most size behind.
 * Indices run freely and wrap at 2^32; size is a power of two. Returns how
 * many requests wait to be taken (0 … size), or -EPROTO when the producer is
 * more than a ring ahead of our answers or behind what we have taken
 * (XSA-39, XSA-155).
 */
int ring_waiting(uint32_t prod, uint32_t taken, uint32_t answered,
		 uint32_t size);

#endif
