/* SPDX-License-Identifier: MIT */
/* Taps as ports of a Linux bridge, with VLANs when it filters them. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>

#include "daemon/host/link.h"
#include "daemon/net/port.h"
#include "daemon/net/vlan.h"
#include "daemon/net/way.h"

/* ---- does the bridge filter? ---- */

/* An answer to RTM_GETLINK; arg is set when it says so. */
static int on_bridge(struct nl_msg *m, void *arg)
{
	struct nlattr *info = nlmsg_find_attr(
		nlmsg_hdr(m), sizeof(struct ifinfomsg), IFLA_LINKINFO);
	struct nlattr *data, *filters;
	bool *is = arg;

	data = info ? nla_find(nla_data(info), nla_len(info), IFLA_INFO_DATA)
		    : NULL;
	filters = data ? nla_find(nla_data(data), nla_len(data),
				  IFLA_BR_VLAN_FILTERING)
		       : NULL;
	*is = filters && nla_len(filters) >= 1 && nla_get_u8(filters);
	return NL_OK;
}

static int check_filtering(struct links *l, const char *bridge, int index,
			   struct err *e)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC,
				       .ifi_index = index};
	bool filters = false;

	if (links_ask(l, links_message(RTM_GETLINK, 0, &head, sizeof(head)),
		      on_bridge, &filters, e) < 0)
		return err_wrap(e, "bridge %s", bridge);
	if (filters)
		return 0;
	return err_set(e, EINVAL,
		       "bridge %s: has no VLANs; to switch them on: "
		       "ip link set %s type bridge vlan_filtering 1",
		       bridge, bridge);
}

static int bridge_check(struct join *j, const struct place *to, struct err *e)
{
	struct rtnl_link *bridge;
	int index;

	if (links_find(j->nets->links, to->bridge, &bridge, e) < 0)
		return -e->code;
	index = rtnl_link_get_ifindex(bridge);
	rtnl_link_put(bridge);
	if (!to->vlans.pvid)
		return 0;
	return check_filtering(j->nets->links, to->bridge, index, e);
}

/* ---- the port's VLANs ---- */

static uint16_t flags_of(const struct vlans *v, unsigned int id)
{
	return (uint16_t)((vlan_untagged(v, id) ? BRIDGE_VLAN_INFO_UNTAGGED
						: 0) |
			  (id == v->pvid ? BRIDGE_VLAN_INFO_PVID : 0));
}

static int put_vlan(struct nl_msg *m, unsigned int id, uint16_t flags)
{
	const struct bridge_vlan_info info = {.flags = flags,
					      .vid = (uint16_t)id};

	return nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

/* From first to last, with the same flags; a PVID is no range. */
static int put_range(struct nl_msg *m, unsigned int first, unsigned int last,
		     uint16_t flags)
{
	if (first == last)
		return put_vlan(m, first, flags);
	if (put_vlan(m, first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN) < 0)
		return -1;
	return put_vlan(m, last, flags | BRIDGE_VLAN_INFO_RANGE_END);
}

static int put_vlans(struct nl_msg *m, const struct vlans *v)
{
	unsigned int first, last;
	uint16_t flags;

	for (first = 1; first <= VLAN_ID_MAX; first = last + 1) {
		last = first;
		if (!vlan_passes(v, first))
			continue;
		flags = flags_of(v, first);
		while (first != v->pvid && last < VLAN_ID_MAX &&
		       vlan_passes(v, last + 1) &&
		       flags_of(v, last + 1) == flags)
			last++;
		if (put_range(m, first, last, flags) < 0)
			return -1;
	}
	return 0;
}

/* v: NULL for all there are. */
static struct nl_msg *vlan_message(int type, int index, const struct vlans *v)
{
	const struct ifinfomsg head = {.ifi_family = AF_BRIDGE,
				       .ifi_index = index};
	struct nl_msg *m = links_message(type, 0, &head, sizeof(head));
	struct nlattr *spec = m ? nla_nest_start(m, IFLA_AF_SPEC) : NULL;

	if (spec &&
	    (v ? put_vlans(m, v) : put_range(m, 1, VLAN_ID_MAX, 0)) == 0) {
		nla_nest_end(m, spec);
		return m;
	}
	nlmsg_free(m);
	return NULL;
}

/* Those that the bridge gave it when it came are not among them. */
static int set_vlans(struct links *l, const char *ifname, const struct vlans *v,
		     struct err *e)
{
	struct rtnl_link *port;
	int index;

	if (links_find(l, ifname, &port, e) < 0)
		return -e->code;
	index = rtnl_link_get_ifindex(port);
	rtnl_link_put(port);
	if (links_tell(l, vlan_message(RTM_DELLINK, index, NULL), e) < 0 ||
	    links_tell(l, vlan_message(RTM_SETLINK, index, v), e) < 0)
		return err_wrap(e, "interface %s: VLANs", ifname);
	return 0;
}

/* ---- the way ---- */

/*
 * A port that comes to a bridge is in its default VLAN at first, so it must
 * not be up by then. And one that stays in a bridge would keep the VLANs that
 * it has been given.
 */
static int make_ready(struct join *j, const struct place *to, struct err *e)
{
	if (to->vlans.pvid)
		return port_down(j->nets->links, to->ifname, e);
	if (!j->has_vlans)
		return 0;
	j->has_vlans = false;
	return port_release(j->nets->links, to->ifname, e);
}

static int bridge_enter(struct join *j, const struct place *to, struct err *e)
{
	struct port port = {.mtu = to->mtu, .up = to->vlans.pvid == 0};
	struct links *l = j->nets->links;
	struct rtnl_link *bridge;
	int rc;

	if (links_find(l, to->bridge, &bridge, e) < 0)
		return -e->code;
	port.master = rtnl_link_get_ifindex(bridge);
	if (!port.mtu)
		port.mtu = rtnl_link_get_mtu(bridge);
	rtnl_link_put(bridge);
	rc = make_ready(j, to, e);
	if (rc == 0)
		rc = port_set(l, to->ifname, &port, e);
	if (rc == 0 && to->vlans.pvid) {
		j->has_vlans = true;
		rc = set_vlans(l, to->ifname, &to->vlans, e);
		port.up = true;
		if (rc == 0)
			rc = port_set(l, to->ifname, &port, e);
	}
	if (rc < 0)
		return err_wrap(e, "bridge %s", to->bridge);
	j->mtu = port.mtu;
	j->bridge = port.master;
	return 0;
}

static int bridge_leave(struct join *j, const struct place *from, struct err *e)
{
	return port_release(j->nets->links, from->ifname, e);
}

const struct way way_bridge = {
	.name = "bridge",
	.check = bridge_check,
	.enter = bridge_enter,
	.leave = bridge_leave,
	.replaces = true,
};
