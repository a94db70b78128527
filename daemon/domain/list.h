/* SPDX-License-Identifier: MIT */
/* What domains there are, in words and numbers, for domain.list. */
#ifndef XN_DOMAIN_LIST_H
#define XN_DOMAIN_LIST_H

#include <stdbool.h>

#include "xen/abi.h"

struct err;
struct json;
struct xnd;
struct xs_values;

/* list is the callee's to free; NULL with e set when it failed. */
typedef void list_cb(struct json *list, const struct err *e, void *arg);

/*
 * Lists every domain of the host; or the one that only names, by name or
 * domid (ENOENT when there is none). done is called once, from the loop.
 * 0 or -errno with *e set.
 */
int list_domains(struct xnd *x, const char *only, bool details, list_cb *done,
		 void *arg, struct err *e);

/*
 * To be read: the name of each listed domain that is not ours, tagged with
 * its domid. NULL: no memory.
 */
struct xs_values *list_others(struct xnd *x, const xc_domaininfo_t *list,
			      unsigned int count);

#endif
