/* SPDX-License-Identifier: MIT */
/*
 * What xnd might send to a worker: a message, or something that is none. What
 * is one is said a second time here, after lib/chan/msg.h.
 */
#ifndef XN_FUZZ_WORKER_PACKET_H
#define XN_FUZZ_WORKER_PACKET_H

#include "chan/msg.h"
#include "tests/fuzz/fuzz.h"

struct packet {
	union {
		union msg m;
		uint8_t bytes[MSG_MAX_BYTES];
	} u;
	size_t size;
	unsigned int fds;
};

/* Of any type, but often of the favourite one. */
void packet_read(struct packet *p, struct input *in, enum msg_type favourite);

bool packet_is_well_formed(const struct packet *p);

/* With as many of fds as it says. */
void packet_send(const struct packet *p, int fd, const int fds[MSG_MAX_FDS]);

#endif
