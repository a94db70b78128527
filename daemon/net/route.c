/* SPDX-License-Identifier: MIT */
/* Routes and addresses in rtnetlink's own words. */
#include "daemon/net/route.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>

#include "base/err.h"
#include "daemon/host/link.h"
#include "daemon/net/prefix.h"

/* ---- addresses ---- */

struct lookup {
	int ifindex;
	struct in_addr address;
	bool found;
};

static int on_address(struct nl_msg *m, void *arg)
{
	const struct ifaddrmsg *head = nlmsg_data(nlmsg_hdr(m));
	struct lookup *look = arg;
	struct nlattr *local;

	local = nlmsg_find_attr(nlmsg_hdr(m), sizeof(*head), IFA_LOCAL);
	if (look->found || (int)head->ifa_index != look->ifindex ||
	    head->ifa_flags & IFA_F_SECONDARY || !local ||
	    nla_len(local) != sizeof(look->address))
		return NL_OK;
	memcpy(&look->address, nla_data(local), sizeof(look->address));
	look->found = true;
	return NL_OK;
}

int route_address_of(struct links *l, const char *ifname, struct in_addr *found,
		     struct err *e)
{
	const struct ifaddrmsg head = {.ifa_family = AF_INET};
	struct lookup look = {0};
	struct rtnl_link *link;

	if (links_find(l, ifname, &link, e) < 0)
		return -e->code;
	look.ifindex = rtnl_link_get_ifindex(link);
	rtnl_link_put(link);
	if (links_ask(
		    l,
		    links_message(RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head)),
		    on_address, &look, e) < 0)
		return err_wrap(e, "interface %s", ifname);
	if (!look.found)
		return err_set(e, EADDRNOTAVAIL,
			       "interface %s: has no IPv4 address", ifname);
	*found = look.address;
	return 0;
}

static int tell_address(struct links *l, int type, int flags, int ifindex,
			struct in_addr address, struct err *e)
{
	const struct ifaddrmsg head = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = 32,
		.ifa_index = (unsigned int)ifindex,
	};
	struct nl_msg *m = links_message(type, flags, &head, sizeof(head));

	if (m && (nla_put(m, IFA_LOCAL, sizeof(address), &address) < 0 ||
		  nla_put(m, IFA_ADDRESS, sizeof(address), &address) < 0)) {
		nlmsg_free(m);
		m = NULL;
	}
	return links_tell(l, m, e);
}

int route_lend(struct links *l, int ifindex, struct in_addr address,
	       struct err *e)
{
	return tell_address(l, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE,
			    ifindex, address, e);
}

int route_take_back(struct links *l, int ifindex, struct in_addr address,
		    struct err *e)
{
	return tell_address(l, RTM_DELADDR, 0, ifindex, address, e);
}

/* ---- routes ---- */

static struct nl_msg *route_message(int type, int flags, int ifindex,
				    const struct prefix *p,
				    const struct in_addr *from)
{
	const struct rtmsg head = {
		.rtm_family = (unsigned char)p->family,
		.rtm_dst_len = p->bits,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = p->family == AF_INET ? RT_SCOPE_LINK
						  : RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *m = links_message(type, flags, &head, sizeof(head));
	int bytes = (int)(prefix_bits_max(p) / 8);

	if (m && (nla_put(m, RTA_DST, bytes, p->bytes) < 0 ||
		  nla_put_u32(m, RTA_OIF, (uint32_t)ifindex) < 0 ||
		  (from && p->family == AF_INET &&
		   nla_put(m, RTA_PREFSRC, sizeof(*from), from) < 0))) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

struct rival {
	const struct prefix *prefix;
	int ifindex; /* 0: not found */
};

static int on_route(struct nl_msg *m, void *arg)
{
	const struct rtmsg *head = nlmsg_data(nlmsg_hdr(m));
	struct rival *rival = arg;
	struct nlattr *out;

	out = nlmsg_find_attr(nlmsg_hdr(m), sizeof(*head), RTA_OIF);
	if (head->rtm_dst_len == rival->prefix->bits && out)
		rival->ifindex = (int)nla_get_u32(out);
	return NL_OK;
}

/* Whose the route is; *e says so if that is found out. */
static int refuse_rival(struct links *l, const struct prefix *p, struct err *e)
{
	const struct rtmsg head = {
		.rtm_family = (unsigned char)p->family,
		.rtm_dst_len = (unsigned char)prefix_bits_max(p),
		.rtm_flags = RTM_F_FIB_MATCH,
	};
	struct nl_msg *m = links_message(RTM_GETROUTE, 0, &head, sizeof(head));
	struct rival rival = {.prefix = p};
	char shown[PREFIX_TEXT_BYTES];
	char name[IF_NAMESIZE];

	prefix_print(p, shown);
	if (m &&
	    nla_put(m, RTA_DST, (int)(prefix_bits_max(p) / 8), p->bytes) < 0) {
		nlmsg_free(m);
		m = NULL;
	}
	if (links_ask(l, m, on_route, &rival, NULL) == 0 && rival.ifindex &&
	    if_indextoname((unsigned int)rival.ifindex, name))
		return err_set(e, EEXIST,
			       "there is a route to %s already, to interface "
			       "%s",
			       shown, name);
	return err_set(e, EEXIST, "there is a route to %s already", shown);
}

int route_add(struct links *l, int ifindex, const struct prefix *prefix,
	      const struct in_addr *from, struct err *e)
{
	char shown[PREFIX_TEXT_BYTES];
	int rc = links_tell(l,
			    route_message(RTM_NEWROUTE,
					  NLM_F_CREATE | NLM_F_EXCL, ifindex,
					  prefix, from),
			    e);

	if (rc == -EEXIST)
		return refuse_rival(l, prefix, e);
	prefix_print(prefix, shown);
	return rc < 0 ? err_wrap(e, "route to %s", shown) : 0;
}

int route_remove(struct links *l, int ifindex, const struct prefix *prefix,
		 struct err *e)
{
	return links_tell(
		l, route_message(RTM_DELROUTE, 0, ifindex, prefix, NULL), e);
}
