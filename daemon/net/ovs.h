/* SPDX-License-Identifier: MIT */
/*
 * Ports of Open vSwitch's bridges, over ovsdb-server's JSON-RPC socket (RFC
 * 7047; the tables of ovs-vswitchd.conf.db(5)). It connects when first asked,
 * and again when the server has gone and somebody asks.
 */
#ifndef XN_NET_OVS_H
#define XN_NET_OVS_H

struct err;
struct event_base;
struct ovs;
struct ovs_call;
struct vlans;

/* socket: a path. NULL with *e set; the server need not be there. */
struct ovs *ovs_open(struct event_base *base, const char *socket,
		     struct err *e);
/* Not from a cb. No cb is called. NULL is fine. */
void ovs_close(struct ovs *o);

/* e: NULL when it went well. Called once, from the loop. */
typedef void ovs_cb(const struct err *e, void *arg);

/*
 * Each asks something; cb hears the answer, within ten seconds. The call is
 * owned by the ovs and gone once cb was called. NULL with *e set when the
 * server cannot be reached or memory is out.
 *
 * has_bridge: ENODEV when there is none of that name.
 * add_port: adds interface port to bridge in one transaction, marked as xn's,
 * with VLANs as access port (one untagged) or trunk (native VLAN with the
 * others tagged); waits until ovs-vswitchd has taken it (its interface's ofport
 * is set, or its error is told). A port of that name that xn left is removed
 * first, wherever it is; anybody else's is EEXIST. When it fails, neither is
 * there.
 * del_port: waits until ovs-vswitchd has let go; fine when there is no such
 * port; anybody else's is left.
 */
struct ovs_call *ovs_has_bridge(struct ovs *o, const char *bridge, ovs_cb *cb,
				void *arg, struct err *e);
struct ovs_call *ovs_add_port(struct ovs *o, const char *bridge,
			      const char *port, const struct vlans *vlans,
			      ovs_cb *cb, void *arg, struct err *e);
struct ovs_call *ovs_del_port(struct ovs *o, const char *port, ovs_cb *cb,
			      void *arg, struct err *e);

/* The names of ports that carry xn's mark; names ends with NULL. */
typedef void ovs_ports_cb(const struct err *e, const char *const *names,
			  void *arg);
struct ovs_call *ovs_list_ports(struct ovs *o, ovs_ports_cb *cb, void *arg,
				struct err *e);

/* cb is not called any more; the server may still do it. NULL is fine. */
void ovs_forget(struct ovs_call *c);

#endif
