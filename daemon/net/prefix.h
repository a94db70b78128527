/* SPDX-License-Identifier: MIT */
/* Addresses of IPv4 and IPv6, and all that begin with the same bits. */
#ifndef XN_NET_PREFIX_H
#define XN_NET_PREFIX_H

#include <stdbool.h>

#include "daemon/net/place.h"

struct err;

/*
 * "192.0.2.7", "192.0.2.0/24", "2001:db8::/64". Bits set behind those that
 * count are refused: they leave open whether one address is meant or all.
 * 0, or -EINVAL with *e set and *p untouched.
 */
int prefix_parse(const char *text, struct prefix *p, struct err *e);

/* Without the number of bits when it is one address. */
void prefix_print(const struct prefix *p, char text[PREFIX_TEXT_BYTES]);

/* Is all of b in a? */
bool prefix_covers(const struct prefix *a, const struct prefix *b);

/* 32 or 128: the bits of a whole address. */
unsigned int prefix_bits_max(const struct prefix *p);

#endif
