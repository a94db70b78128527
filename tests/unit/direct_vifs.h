/* SPDX-License-Identifier: MIT */
/*
 * Vifs of domain 7 that share a process, over the world of vif_world.h: the
 * first, vif7.0, is the world's device, vif7.1 is another; each has a front
 * end with one pair of rings, and both are in xenbr0.
 */
#ifndef XN_TESTS_DIRECT_VIFS_H
#define XN_TESTS_DIRECT_VIFS_H

#include "tests/unit/vif_world.h"

extern const struct device_owner direct_owner;
struct vif_config direct_config(uint32_t devid);

/* Each is attached and served. */
struct world *direct_first(void);
struct device *direct_another(struct world *w);

/* Runs until its worker is there, or it is gone. */
void direct_until(struct world *w, const struct device *d,
		  enum worker_phase phase);
void direct_end(struct world *w, struct device *d);

/* 0: it has no worker. */
pid_t direct_pid(const struct device *d);
/* Dead and reaped. */
bool direct_is_gone(pid_t pid);

/* Runs until that vif of the process was told so many times, and no more. */
void direct_expect_segment(struct world *w, int pid, unsigned int number,
			   unsigned int times, struct segment_told *told);

#endif
