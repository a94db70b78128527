/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the database Open_vSwitch and what it answers: operations
 * of RFC 7047 section 5.2 on the tables of ovs-vswitchd.conf.db(5). Nothing
 * here is sent. For ovs.c alone.
 *
 * Each question gives params for "transact", the caller's (NULL, or broken,
 * when memory is out); what it comes to is read from the result by the
 * function behind it: 0, or -errno with *e set.
 */
#ifndef XN_NET_OVS_OPS_H
#define XN_NET_OVS_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/net/ovs_db.h"

struct vlans;

#define OVS_DB "Open_vSwitch"

/* Ports that are ours carry this in their external_ids. */
#define OVS_MARK_KEY   "xn"
#define OVS_MARK_VALUE "vif"

/* The port of that name and the bridge of that; either may be "". */
struct ovs_found {
	bool bridge;	/* there is such a bridge */
	bool interface; /* there is such an interface, in whatever port */
	bool ours;	/* the port is there and carries our mark */
	char port[OVS_UUID_BYTES]; /* "" when there is none */
};
struct json *ovs_ops_find(const char *bridge, const char *port);
int ovs_ops_found(const struct json *result, struct ovs_found *f,
		  struct err *e);

/*
 * A port with an interface of that name, marked. Nothing is done when the
 * bridge has gone: ENODEV.
 */
struct ovs_added {
	char port[OVS_UUID_BYTES], interface[OVS_UUID_BYTES];
};
struct json *ovs_ops_add(const char *bridge, const char *port,
			 const struct vlans *vlans);
int ovs_ops_added(const struct json *result, struct ovs_added *a,
		  struct err *e);

/*
 * Answers when ovs-vswitchd has taken the interface or refused it (then -EIO
 * in its words), or -ETIMEDOUT.
 */
struct json *ovs_ops_await_interface(const char *interface,
				     unsigned int timeout_ms);
int ovs_ops_awaited_interface(const struct json *result, struct err *e);

/* Takes the port out of its bridge, so that it is no more. */
struct json *ovs_ops_del(const char *port, const char *name);

/* How far ovs-vswitchd is behind what has been asked of it. */
struct ovs_config {
	int64_t next, current;
};
int ovs_ops_deleted(const struct json *result, struct ovs_config *c,
		    struct err *e);
/* Answers when current has changed, or -ETIMEDOUT. */
struct json *ovs_ops_await_config(const struct ovs_config *c,
				  unsigned int timeout_ms);
int ovs_ops_awaited_config(const struct json *result, struct ovs_config *c,
			   struct err *e);

/* The names of ports that carry our mark: result[0]'s rows, by name. */
struct json *ovs_ops_list(void);
int ovs_ops_listed(const struct json *result, const struct json **rows,
		   struct err *e);

#endif
