/* SPDX-License-Identifier: MIT */
/* Asking for another size or medium in a device_world, and what came of it. */
#ifndef XN_TESTS_RENEWED_H
#define XN_TESTS_RENEWED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/unit/device_world.h"

/* What device_resize or device_change_medium has said. */
struct answer {
	unsigned int n; /* how often */
	bool well;
	struct err e; /* unless well */
};

/* w's device, its worker and its front end are connected. */
void connect_world(struct world *w);

/* Runs until that stands in xenstore. */
void wait_written(struct world *w, const char *path, const char *value);

/*
 * *a is zeroed first; 0, or what the call returned, with a->e set. bytes: 0
 * to look at the image again.
 */
int ask_size(struct world *w, struct answer *a, uint64_t bytes, bool shrink);
/* The medium of that name in the tests' folder, or NULL for none. */
int ask_medium(struct world *w, struct answer *a, const char *name);

/* Runs until it is answered; then it must have gone well. */
void wait_well(struct world *w, struct answer *a);
/* Or not: with this in its text. */
void wait_ill(struct world *w, struct answer *a, const char *text);

/*
 * What the last worker was told, when n of them were in all: the generation n
 * of the connection, so many sectors, and these flags.
 */
void check_terms(unsigned int n, unsigned long sectors, unsigned int flags);

/* The domain ends, and nothing is left. */
void finish(struct world *w);

#endif
