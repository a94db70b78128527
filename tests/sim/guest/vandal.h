/* SPDX-License-Identifier: MIT */
/* A second vCPU of a guest, that writes where the first one works. */
#ifndef XN_SIM_GUEST_VANDAL_H
#define XN_SIM_GUEST_VANDAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct events;
struct grant_entry_v1;

enum vandal_kind {
	VANDAL_BYTES,  /* flips bits of the target at random */
	VANDAL_GRANT,  /* revokes and grants again */
	VANDAL_EVENTS, /* rings a port */
};

struct vandal {
	enum vandal_kind kind;

	/* VANDAL_BYTES */
	volatile uint8_t *target;
	size_t bytes;
	uint8_t mask; /* the bits that it flips */
	/*
	 * The target is made of records of so many bytes (0: of none), in
	 * which grant references lie in every eighth byte from first_ref on,
	 * or once if ref_step is 0. Of those it leaves the second byte alone,
	 * so that they stay in one block of 256: see grants_give_apart.
	 */
	size_t record;
	size_t first_ref;
	size_t ref_step;

	/* VANDAL_GRANT */
	struct grant_entry_v1 *entry;

	/* VANDAL_EVENTS */
	struct events *events;
	const uint32_t *port;

	pthread_t thread;
	atomic_bool stop;
};

/* 0 or -errno with *e set. */
int vandal_start(struct vandal *v, struct err *e);
void vandal_stop(struct vandal *v);

#endif
