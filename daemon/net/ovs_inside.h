/* SPDX-License-Identifier: MIT */
/* The inside of a call, for ovs.c, which has it made, and ovs_port.c. */
#ifndef XN_NET_OVS_INSIDE_H
#define XN_NET_OVS_INSIDE_H

#include <net/if.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/net/ovs.h"
#include "daemon/net/ovs_ops.h"
#include "daemon/net/place.h"

struct event;
struct json;

/*
 * Reads the answer to a request: 0 when another has been made with
 * ovs_call_ask, 1 when all is done, or -errno with *e set.
 */
typedef int ovs_step(struct ovs_call *c, const struct json *result,
		     struct err *e);

struct ovs_call {
	LIST_ENTRY(ovs_call) link;
	struct ovs *ovs;     /* borrowed */
	struct event *limit; /* owned */
	int64_t id;	     /* of the request that is under way */
	ovs_step *step;	     /* what reads its answer */
	char bridge[IFNAMSIZ];
	char port[IFNAMSIZ];
	struct vlans vlans;
	struct ovs_added added; /* port "": nothing to be undone */
	struct ovs_config config;
	int (*then)(struct ovs_call *c, struct err *e); /* or NULL */
	ovs_cb *cb;
	ovs_ports_cb *ports_cb; /* instead */
	const char **names;	/* owned: for that */
	struct json *rows;	/* owned: where they are */
	void *arg;
};

/* Both take params; on failure, too. */

/* A call like that, with its first request. NULL with *e set. */
struct ovs_call *ovs_call_begin(struct ovs *o, const struct ovs_call *like,
				struct json *params, struct err *e);
/* Its next request. 0 or -errno with *e set. */
int ovs_call_ask(struct ovs_call *c, struct json *params, ovs_step *step,
		 struct err *e);

#endif
