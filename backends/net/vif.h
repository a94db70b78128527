/* SPDX-License-Identifier: MIT */
/*
 * Who a virtual interface is and what its queue works with. Filled by the
 * device before anything is started, and then only read, but for the limit.
 */
#ifndef XN_NET_VIF_H
#define XN_NET_VIF_H

#include <stdint.h>

#include "base/log.h"
#include "xen/abi.h"

#define VIF_HEADROOM_MAX 2048u /* of 4096: the rest must hold headers */

struct net_figures;

struct vif {
	char name[32]; /* "d3/vif0", how its log lines begin */
	uint32_t domid;
	uint32_t flags;		  /* MSG_NET_…: what the frontend offered */
	xengnttab_handle *gnttab; /* borrowed */
	int tap;		  /* the device's */
	struct net_figures *figures; /* borrowed; written by the queue */
	/*
	 * Bytes to be left free before each frame that the guest receives, at
	 * most VIF_HEADROOM_MAX. May change at any time, for later frames.
	 */
	_Atomic uint32_t xdp_headroom;
	struct log_limit limit; /* for lines the guest can cause */
};

#endif
