/* SPDX-License-Identifier: MIT */
/*
 * Guests of an earlier xnd. It stopped, or was killed; the one that follows
 * leaves alone what lives, undoes what was not yet made, and clears away what
 * is gone: workers, nodes and records.
 */
#ifndef XN_DOMAIN_LEFTOVER_H
#define XN_DOMAIN_LEFTOVER_H

#include "xen/abi.h"

struct err;
struct leftovers;
struct orphans;
struct records;
struct xnd;

/*
 * Whoever has a worker or a record. Both are borrowed. NULL with *e set. To
 * be called before this xnd makes a domain.
 */
struct leftovers *leftovers_find(struct orphans *orphans,
				 struct records *records, struct err *e);
void leftovers_free(struct leftovers *all); /* NULL is fine */

/* list: every domain that Xen has now, count of them. */
void leftovers_sweep(struct xnd *x, const xc_domaininfo_t *list,
		     unsigned int count);

#endif
