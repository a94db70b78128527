/* SPDX-License-Identifier: MIT */
/* What is asked of the hypervisor directly: short calls that do not block. */
#ifndef XN_DOMAIN_HYPER_H
#define XN_DOMAIN_HYPER_H

#include "xen/abi.h"

struct domain;
struct err;

/*
 * Creates the domain, with its vCPUs and limits and the two unbound ports,
 * and fills in domid, ports and log_name. On failure what Xen made is found
 * by d->domid: domain_end destroys it. 0 or -errno with *e set.
 */
int hyper_create(struct domain *d, struct err *e);

/*
 * Every domain, in ascending order of domid. *list is the caller's to free.
 * 0 or -errno.
 */
int hyper_list(xc_interface *xc, xc_domaininfo_t **list, unsigned int *count);

#endif
