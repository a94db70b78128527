/* SPDX-License-Identifier: MIT */
/* Taps as ports of a bridge of Open vSwitch. */
#include <errno.h>
#include <stddef.h>

#include "daemon/host/link.h"
#include "daemon/net/ovs.h"
#include "daemon/net/port.h"
#include "daemon/net/way.h"

/*
 * A datapath that is a program reads a port's frames from a packet socket, and
 * that has them before the rules of nftables see any.
 */
static int ovs_check(struct join *j, const struct place *to, struct err *e)
{
	if (to->n_prefixes == 0 || !links_is_tap(j->nets->links, to->bridge))
		return 0;
	return err_set(e, EOPNOTSUPP,
		       "bridge %s: the datapath of Open vSwitch is a program "
		       "there, and a guest cannot be held to its addresses",
		       to->bridge);
}

/*
 * Letting go of a port that was there before, of a tap that is no more, the
 * switch gives the flags back that it had found, to what has the name now. So
 * a tap that came up for the new port may be down again.
 */
static void on_added(const struct err *e, void *arg)
{
	struct join *j = arg;
	struct err why;

	j->call = NULL;
	if (!e && port_up(j->nets->links, j->to.ifname, &why) < 0)
		e = &why;
	join_stepped(j, e);
}

/*
 * A bridge of Open vSwitch has an interface of its name, whose mtu counts. The
 * tap is up before it is a port: until then nobody takes its frames but the
 * host, in which it has no address.
 */
static int ovs_enter(struct join *j, const struct place *to, struct err *e)
{
	struct links *l = j->nets->links;
	const struct port port = {
		.mtu = to->mtu ? to->mtu : port_mtu_of(l, to->bridge),
		.up = true,
	};

	if (port_set(l, to->ifname, &port, e) < 0)
		return -e->code;
	j->mtu = port.mtu ? port.mtu : port_mtu_of(l, to->ifname);
	j->call = ovs_add_port(j->nets->ovs, to->bridge, to->ifname, &to->vlans,
			       on_added, j, e);
	return j->call ? -EINPROGRESS : -e->code;
}

static void on_deleted(const struct err *e, void *arg)
{
	struct join *j = arg;

	j->call = NULL;
	join_stepped(j, e);
}

static int ovs_leave(struct join *j, const struct place *from, struct err *e)
{
	j->call = ovs_del_port(j->nets->ovs, from->ifname, on_deleted, j, e);
	return j->call ? -EINPROGRESS : -e->code;
}

const struct way way_ovs = {
	.name = "openvswitch",
	.check = ovs_check,
	.enter = ovs_enter,
	.leave = ovs_leave,
	.replaces = true,
	.stays = true,
};
