/* SPDX-License-Identifier: MIT */
/*
 * VLANs in Open vSwitch's words: the columns vlan_mode, tag and trunks of its
 * table Port.
 */
#ifndef XN_NET_OVS_VLANS_H
#define XN_NET_OVS_VLANS_H

struct err;
struct json;
struct vlans;

/*
 * Whether they can be said: only one VLAN of a port leaves without a tag, and
 * that is the one of what comes in without. 0, or -EINVAL with *e set.
 */
int ovs_vlans_check(const struct vlans *vlans, struct err *e);

/* Sets the columns; none when the bridge is to do as it does. */
void ovs_vlans_set(struct json *row, const struct vlans *vlans);

#endif
