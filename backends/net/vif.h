/* SPDX-License-Identifier: MIT */
/*
 * Who a virtual interface is and what one queue of it works with. Filled when
 * the queue is attached, and then only read, but for the limit. What is behind
 * terms and keeper is shared by all queues.
 */
#ifndef XN_NET_VIF_H
#define XN_NET_VIF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "xen/abi.h"

struct fdb_member;
struct inbox;
struct keeper;
struct net_figures;
struct tap_batch;
struct terms;

struct vif {
	char name[32]; /* "d3/vif0", how its log lines begin */
	uint32_t domid;
	uint32_t flags;	    /* MSG_NET_…: what the frontend offered */
	unsigned int queue; /* this one's number, of n_queues */
	unsigned int n_queues;
	struct inbox *inboxes;	  /* borrowed: a queue's each; NULL: none, the
				     guest has no say in which frame is whose */
	bool resumed;		  /* a predecessor served it */
	xengnttab_handle *gnttab; /* the queue's */
	xengntshr_handle *gntshr; /* the queue's, or NULL */
	int tap;		  /* borrowed: this queue's */
	struct tap_batch *batch;  /* borrowed: this queue's, or NULL */
	struct net_figures *figures; /* borrowed: of this queue */
	struct terms *terms;	     /* borrowed */
	struct keeper *keeper;	     /* borrowed; open */
	struct fdb_member *member;   /* borrowed; NULL: this process serves no
					other vif, now or later */
	struct log_limit limit;	     /* for lines the guest can cause */
};

#endif
