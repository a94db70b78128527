/* SPDX-License-Identifier: MIT */
/*
 * Guests of an earlier xnd. It stopped, or was killed; the one that follows
 * leaves alone what lives, undoes what was not yet made, and clears away what
 * is gone: workers, nodes and records.
 */
#ifndef XN_DOMAIN_LEFTOVER_H
#define XN_DOMAIN_LEFTOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/host/mac.h"
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

/*
 * Whether one that lives has a vif of this MAC, by its record; *domid then is
 * its number.
 */
bool leftovers_have_mac(const struct xnd *x, const uint8_t mac[MAC_BYTES],
			uint32_t *domid);

/* list: every domain that Xen has now, count of them. */
void leftovers_sweep(struct xnd *x, const xc_domaininfo_t *list,
		     unsigned int count);

#endif
