/* SPDX-License-Identifier: MIT */
/*
 * A vif's control ring, on the main loop: few requests in a vif's life, each
 * carried out by hash_request and kept by the keeper before it is answered.
 */
#ifndef XN_NET_CTRL_H
#define XN_NET_CTRL_H

#include <stdbool.h>
#include <stdint.h>

struct ctrl;
struct err;
struct event_base;
struct keeper;

/* Who has it. */
struct ctrl_peer {
	const char *name; /* for log lines; borrowed */
	uint32_t domid;
	uint32_t port; /* the guest's */
	uint32_t ring_ref;
	unsigned int n_queues;
	bool resumed;	       /* a predecessor served it */
	bool several;	       /* the process serves other guests too */
	struct keeper *keeper; /* borrowed; open */
};

/*
 * The ring cannot be served any more, for the reason in *e. Nothing of it
 * runs afterwards; ctrl_detach may be called within this.
 */
typedef void ctrl_failed_cb(const struct err *e, void *arg);

/*
 * Opens its handles; to be called before confinement. base and arg are
 * borrowed. NULL with *e set.
 */
struct ctrl *ctrl_new(struct event_base *base, ctrl_failed_cb *on_failed,
		      void *arg, struct err *e);

/* NULL is fine. */
void ctrl_free(struct ctrl *c);

/*
 * Maps the ring, binds the port and serves. 0; or -errno with *e set, and it
 * is detached.
 */
int ctrl_attach(struct ctrl *c, const struct ctrl_peer *peer, struct err *e);

/* Unbinds and unmaps. Fine when detached. */
void ctrl_detach(struct ctrl *c);

#endif
