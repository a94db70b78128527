/* SPDX-License-Identifier: MIT */
/*
 * One event channel of a queue, unmasked only once its work is done. A guest
 * that rings again and again for nothing (XSA-332) is heard ever more slowly.
 */
#ifndef XN_NET_PORT_H
#define XN_NET_PORT_H

#include <stdint.h>

struct err;
struct event_base;
struct evtchn;
struct port;

typedef void port_cb(void *arg);

/*
 * Binds to domid's port; cb is called when it rings, the first time at once.
 * base, ec and arg are borrowed. NULL with *e set.
 */
struct port *port_open(struct event_base *base, struct evtchn *ec,
		       uint32_t domid, uint32_t remote, port_cb *cb, void *arg,
		       struct err *e);

/* Unbinds. NULL is fine. Safe within the callback. */
void port_close(struct port *p);

/*
 * Rings at the guest's end. From any thread, as port_useful. 0; or -errno:
 * nobody will ever hear it.
 */
int port_notify(struct port *p);

/*
 * There was work for this port's ring, found by the ring itself or before
 * it was heard: it was not for nothing.
 */
void port_useful(struct port *p);

/*
 * To be called when nothing is left to do, after each ring: only then may
 * the guest ring again. Does nothing for a port that has not rung. 0, or
 * -errno when it is out of order.
 */
int port_rearm(struct port *p);

#endif
