/* SPDX-License-Identifier: MIT */
/*
 * A domain in xenstore: what it is given, with whose permissions, after what
 * libxl writes (so that the peers see it) and the advisories XSA-57, 175 and
 * 178: nothing that we rely on can be written by the guest.
 */
#ifndef XN_DOMAIN_NODES_H
#define XN_DOMAIN_NODES_H

#include <stdint.h>

struct domain;
struct xs_plan;

/* Every node of a new domain, its devices' included, for one transaction. */
void nodes_plan(const struct domain *d, struct xs_plan *plan);

/* Takes away whatever there may be of a domain, devices included. */
void nodes_plan_rm(uint32_t domid, const char *uuid, struct xs_plan *plan);

#endif
