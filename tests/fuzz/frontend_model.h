/* SPDX-License-Identifier: MIT */
/*
 * A front end's directory, made of an input, and what a strict reader makes of
 * what is in it.
 */
#ifndef XN_FUZZ_FRONTEND_MODEL_H
#define XN_FUZZ_FRONTEND_MODEL_H

#include "daemon/device/kind.h"
#include "tests/fuzz/fuzz.h"

#define FRONT	     "/front"
#define KEYS_MAX     320
#define KEY_MAX	     40
#define DISK_SECTORS 16

/* The keys in which the model has found a fault. */
struct faults {
	char names[KEYS_MAX][KEY_MAX];
	unsigned int count;
};
extern struct faults faults;

/* Another directory, of what is left of the input. */
void model_begin(struct input *in);

/* The START message for d, as far as there are no faults. */
void model(const struct device *d, union msg *m);

/* Promises that a vif has taken what its front end wishes. */
void model_check_wishes(const struct device *d);

#endif
