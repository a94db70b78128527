/* SPDX-License-Identifier: MIT */
/* Guests of an earlier xnd: cleared away behind them when they are gone. */
#ifndef XN_DOMAIN_LEFTOVER_H
#define XN_DOMAIN_LEFTOVER_H

#include "xen/abi.h"

struct xnd;

/* list: every domain that Xen has now, count of them. */
void leftover_sweep(struct xnd *x, const xc_domaininfo_t *list,
		    unsigned int count);

#endif
