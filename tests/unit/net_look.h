/* SPDX-License-Identifier: MIT */
/* What can be seen of an interface in the test's world. */
#ifndef XN_TESTS_NET_LOOK_H
#define XN_TESTS_NET_LOOK_H

#include <stdbool.h>

/* The bridge it is in, or "". Of a buffer that the next call writes to. */
const char *look_master_of(const char *ifname);
bool look_is_up(const char *ifname);
unsigned int look_mtu_of(const char *ifname);
/* The scope that the kernel has for its IPv6 address: 0: has none. */
unsigned int look_ipv6_scope(const char *ifname);
/* The first character of a file under /proc/sys/net/. */
char look_setting(const char *path);
/* The interface of the main table's route to just that, or "". Likewise. */
const char *look_route_to(int family, const char *text);

#endif
