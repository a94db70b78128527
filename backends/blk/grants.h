/* SPDX-License-Identifier: MIT */
/*
 * Grants of a guest that uses the same pages again and again
 * (feature-persistent): mapped when they are first seen, kept mapped, found
 * by reference. As many as Linux's back end keeps for a queue; when there are
 * more, those used least recently go, a few at a time, and what has not been
 * used for a minute goes too.
 *
 * An address is for copying from or to at once. Nothing else ever refers to
 * the guest's pages, so a mapping can go at any time between two copies.
 */
#ifndef XN_BLK_GRANTS_H
#define XN_BLK_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/abi.h"

#define GRANTS_MAX	1056
#define GRANTS_IDLE_MS	60000
#define GRANTS_PURGE_MS 100 /* between two purges, each of a twentieth */

struct grants;

/* gnttab is borrowed. NULL when memory is out. */
struct grants *grants_new(xengnttab_handle *gnttab, uint32_t domid);

/* Unmaps everything. NULL is fine. */
void grants_free(struct grants *g);

/*
 * Before a number of copies, at now_ms of a clock that only goes forward:
 * makes room if there was too little. Addresses given before are void.
 */
void grants_begin(struct grants *g, uint64_t now_ms);

/* Where the page is mapped; NULL when it is not. */
uint8_t *grants_find(struct grants *g, uint32_t ref);

/* Has the page mapped, if there is room, by the next grants_map. */
void grants_want(struct grants *g, uint32_t ref);

/*
 * Maps what is wanted, in as few calls as it takes. Pages that cannot be
 * mapped are left out, and for a while none is tried.
 */
void grants_map(struct grants *g);

/* Unmaps what has been idle for too long. */
void grants_rest(struct grants *g, uint64_t now_ms);

#endif
