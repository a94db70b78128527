/* SPDX-License-Identifier: MIT */
/* A front end's control ring: one request at a time, true or not. */
#ifndef XN_SIM_GUEST_NET_CTRL_H
#define XN_SIM_GUEST_NET_CTRL_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/guest/front.h"
#include "xen/abi.h"

struct err;
struct net;

struct net_ctrl {
	struct net *net; /* borrowed; NULL when it is not open */
	struct front ring;
	uint8_t *page;
	uint32_t ref;
	uint32_t port;
	bool busy;
	struct xen_netif_ctrl_response answer;
};

/* 0 or -errno with *e set. */
int net_ctrl_open(struct net_ctrl *c, struct net *n, struct err *e);
/* A page that is still mapped is a breach. */
void net_ctrl_close(struct net_ctrl *c);

/*
 * Asks, and waits for the answer, whose status and data it leaves. 0; -EPIPE
 * when the back end gives up the device meanwhile, or -ETIMEDOUT, with *e set.
 */
int net_ctrl_ask(struct net_ctrl *c, const struct xen_netif_ctrl_request *req,
		 uint32_t *status, uint32_t *data, struct err *e);

#endif
