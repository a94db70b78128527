/* SPDX-License-Identifier: MIT */
/*
 * A hypervisor of a hundred lines: grants, event channels and copies of the
 * guests that there are, by the libraries' own functions, from any thread.
 */
#ifndef XN_TESTS_NET_GUEST_XEN_H
#define XN_TESTS_NET_GUEST_XEN_H

#include "tests/unit/net_guest.h"

/* Gives it its number and its domain; its pages are there already. */
void net_guest_xen_add(struct net_guest *g);
void net_guest_xen_remove(struct net_guest *g);

/* Whether a back end has bound this port of the guest's. */
bool net_guest_xen_is_bound(const struct net_guest *g, uint32_t port);

#endif
