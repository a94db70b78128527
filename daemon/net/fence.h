/* SPDX-License-Identifier: MIT */
/*
 * What a guest may send that is kept to its MAC and addresses, as rules of
 * nftables. They stand at the tap's own ingress, before any bridge: so they
 * are the same for all ways that a tap can go, and see each frame once. A
 * table of the family netdev for each tap, "xn-" and its name, whose counters
 * tell what was dropped: nft list table netdev xn-vif3.0.
 */
#ifndef XN_NET_FENCE_H
#define XN_NET_FENCE_H

#include <stdbool.h>

#include "daemon/net/nft.h"
#include "daemon/net/place.h"

#define FENCE_MARK "xn-" /* before an interface's name */

/*
 * Whether place's prefixes can be kept: nftables has no words for some names
 * of interfaces. 0 or -EINVAL with *e set.
 */
int fence_check(const struct place *place, struct err *e);

/*
 * The commands that put up a fence, in the place of one of before if there is
 * one, in one transaction; they are of place's ifname, mac and prefixes:
 *
 *  - Ethernet: from its MAC;
 *  - ARP: from its MAC, and from one of its addresses or asking for one of
 *    them as nobody (RFC 5227's probe);
 *  - IPv4: from one of its addresses, or a request to a DHCP server;
 *  - IPv6: from one of its addresses, or the link-local one that its MAC makes
 *    (RFC 4291, appendix A); neighbour advertisements, and solicitations as
 *    nobody, of these; router solicitations and multicast reports as nobody
 *    (RFC 4861, RFC 3590); but no router advertisements and redirects, which
 *    turn the frames of others (RFC 6105);
 *  - nothing else.
 *
 * An 802.1Q tag is looked behind, two are not. The caller frees it. NULL when
 * memory is out.
 */
char *fence_text(const struct place *place);

/* The commands that take one away; fine when there is none. Likewise. */
char *fence_end_text(const char *ifname);

/* nft_start of these. NULL with *e set. */
struct nft *fence_raise(struct nft_queue *queue, const struct place *place,
			nft_cb *done, void *arg, struct err *e);
struct nft *fence_lower(struct nft_queue *queue, const char *ifname,
			nft_cb *done, void *arg, struct err *e);

#endif
