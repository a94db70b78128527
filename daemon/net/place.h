/* SPDX-License-Identifier: MIT */
/*
 * Where a vif's tap goes, in words of the host: plain data, read from a
 * configuration and handed to the programs and kernels that act on it.
 */
#ifndef XN_NET_PLACE_H
#define XN_NET_PLACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define VLAN_IDS	  4095 /* 0 and 4095 are none */
#define VLAN_TEXT_BYTES	  256
#define PLACE_PREFIXES	  16
#define PREFIX_TEXT_BYTES 64

/* Which VLANs of a bridge a port is in; pvid 0: whatever the bridge does. */
struct vlans {
	uint16_t pvid;		      /* of frames that come in without a tag */
	uint8_t in[VLAN_IDS / 8 + 1]; /* a bit each: passes */
	uint8_t untagged[VLAN_IDS / 8 + 1]; /* likewise: leaves without a tag */
};

/* An address, or all that begin with its first bits. */
struct prefix {
	int family;	   /* AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* the first 4 of them, of IPv4 */
	uint8_t bits;	   /* 32 and 128: one address */
};

struct place {
	char ifname[IFNAMSIZ];	   /* the tap */
	uint8_t mac[6];		   /* the guest's */
	char bridge[IFNAMSIZ];	   /* of Linux or of Open vSwitch; "": routed */
	char gatewaydev[IFNAMSIZ]; /* routed: "", or whose address is lent */
	uint32_t mtu;		   /* 0: the bridge's */
	struct vlans vlans;
	unsigned int
		n_prefixes; /* 0: the guest's addresses are its own affair */
	struct prefix prefixes[PLACE_PREFIXES];
};

#endif
