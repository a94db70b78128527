/* SPDX-License-Identifier: MIT */
/* Which VLANs a vif is in, as xl-network-configuration(5) writes it. */
#ifndef XN_NET_VLAN_H
#define XN_NET_VLAN_H

#include <stdbool.h>

#include "daemon/net/place.h"

struct err;

#define VLAN_ID_MAX 4094 /* 802.1Q: 0 is no VLAN, 4095 is reserved */

/*
 * Terms joined by '/': "10", "10p" (the PVID: what comes in without a tag is
 * its), "10u" (leaves without a tag), "20-30" and "20-30u", "100+10x4" and
 * "100+10x4u" (100, 110, 120 and 130). The PVID leaves without a tag. One
 * VLAN alone is the PVID; of several exactly one must be. 0, or -EINVAL with
 * *e set and *v untouched: also when vlan_print had no room for it.
 */
int vlan_parse(const char *text, struct vlans *v, struct err *e);

/* Text that vlan_parse reads as *v, which it made; "" when that has none. */
void vlan_print(const struct vlans *v, char text[VLAN_TEXT_BYTES]);

/* Is the port in that VLAN? And do its frames leave without a tag? */
bool vlan_passes(const struct vlans *v, unsigned int id);
bool vlan_untagged(const struct vlans *v, unsigned int id);

/* Is it in one alone, so that no frame of its has a tag? */
bool vlan_is_one(const struct vlans *v);

#endif
