/* SPDX-License-Identifier: MIT */
/* Queueing disciplines, through libnl's route library. */
#include "daemon/host/qdisc.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>

#include "base/err.h"

static int add_noqueue(struct nl_sock *sock, int ifindex)
{
	struct rtnl_qdisc *q = rtnl_qdisc_alloc();
	int r = -NLE_NOMEM;

	if (!q)
		return r;
	rtnl_tc_set_ifindex(TC_CAST(q), ifindex);
	rtnl_tc_set_parent(TC_CAST(q), TC_H_ROOT);
	r = rtnl_tc_set_kind(TC_CAST(q), "noqueue");
	if (r == 0)
		r = rtnl_qdisc_add(sock, q, NLM_F_CREATE | NLM_F_REPLACE);
	rtnl_qdisc_put(q);
	return r;
}

int qdisc_remove(const char *ifname, struct err *e)
{
	unsigned int ifindex = if_nametoindex(ifname);
	struct nl_sock *sock;
	int r;

	if (ifindex == 0)
		return err_errno(e, errno, "%s: cannot find it", ifname);
	sock = nl_socket_alloc();
	r = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;
	if (r == 0)
		r = add_noqueue(sock, (int)ifindex);
	nl_socket_free(sock);
	if (r < 0)
		return err_set(e, EIO,
			       "%s: cannot do without a queueing discipline: "
			       "%s",
			       ifname, nl_geterror(r));
	return 0;
}
