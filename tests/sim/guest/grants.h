/* SPDX-License-Identifier: MIT */
/*
 * A guest's grant table, version 1, written straight into its frames: grants
 * to dom0, and the entries themselves for a guest that lies. All grants of
 * frames are of the machine's.
 */
#ifndef XN_SIM_GUEST_GRANTS_H
#define XN_SIM_GUEST_GRANTS_H

#include <stdint.h>

struct err;
struct grant_entry_v1;
struct grants;

/* memory: the machine's, borrowed. */
struct grants *grants_open(uint32_t domid, uint8_t *memory, struct err *e);
/* Leaves the entries as they are, as a guest that dies does. */
void grants_close(struct grants *gr);

/* Lets dom0 at a frame. flags: 0 or GTF_readonly. 0: the table is full. */
uint32_t grants_give(struct grants *gr, uint64_t frame, uint16_t flags);

/*
 * The same, writable, with a reference among 512 that nothing else has: one
 * whose lowest byte is changed by somebody grants nothing.
 */
uint32_t grants_give_apart(struct grants *gr, uint64_t frame);

/*
 * Takes the grant back, so that ref may be used again. -EBUSY while dom0 has
 * it mapped or is copying; it then stays granted.
 */
int grants_end(struct grants *gr, uint32_t ref);

/*
 * For lies: a reference of this guest's own that grants nothing, until
 * grants_end. 0: the table is full.
 */
uint32_t grants_reserve(struct grants *gr);
/* Any entry of a frame that the table has, or NULL. */
struct grant_entry_v1 *grants_entry(struct grants *gr, uint32_t ref);

#endif
