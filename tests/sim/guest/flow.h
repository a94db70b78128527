/* SPDX-License-Identifier: MIT */
/*
 * Frames of TCP and UDP, as a kernel hands them to its front end with the
 * checksum left blank, and whether what comes of them at the other end is
 * right. Pure.
 */
#ifndef XN_SIM_GUEST_FLOW_H
#define XN_SIM_GUEST_FLOW_H

#include <stdbool.h>
#include <stdint.h>

struct flow {
	const uint8_t *to, *from; /* MAC addresses, borrowed */
	bool ipv6;
	bool udp;
	uint16_t port; /* of the sender */
};

/* Bytes of all headers. */
uint32_t flow_header(const struct flow *f);

/* A frame of size bytes, more than the headers have, with such a payload. */
void flow_fill(const struct flow *f, uint8_t *frame, uint32_t size,
	       uint32_t seed);

/*
 * NULL when got is a part of whole, or all of it, with lengths and sums that
 * are right; or what is wrong with it. blank: its transport checksum is still
 * to be completed. payload is set to how many bytes it carries, and at to
 * where in whole's payload they are.
 */
const char *flow_judge(const struct flow *f, const uint8_t *got, uint32_t size,
		       bool blank, const uint8_t *whole, uint32_t whole_size,
		       uint32_t *payload, uint32_t *at);

#endif
