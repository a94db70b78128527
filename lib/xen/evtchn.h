/* SPDX-License-Identifier: MIT */
/*
 * One event-channel handle on a libevent loop, with any number of bound
 * ports. One handle a thread, and one xenevtchn_pending() a wake-up, because
 * that call may block (xenevtchn.h, above xenevtchn_fd).
 */
#ifndef XN_XEN_EVTCHN_H
#define XN_XEN_EVTCHN_H

#include <stdint.h>

struct err;
struct event_base;
struct evtchn;

/*
 * A port rang. It is masked now and stays so until evtchn_unmask(port): do
 * the work first, unmask last, and that is the throttle.
 */
typedef void evtchn_cb(uint32_t port, void *arg);

/* base is borrowed. NULL with *e set. */
struct evtchn *evtchn_open(struct event_base *base, struct err *e);

/* Closes the handle: every port bound through it is closed. NULL is fine. */
void evtchn_close(struct evtchn *ec);

/*
 * From here on the handle binds ports of domid and of nobody else. Cannot be
 * undone; may be repeated for the same domid. 0 or -errno with *e set.
 */
int evtchn_restrict(struct evtchn *ec, uint32_t domid, struct err *e);

/*
 * Binds a local port to domid's remote port and calls cb for its events; the
 * first comes at once (the hypervisor raises one on bind_interdomain).
 * Returns the local port (> 0), or -errno with *e set. May be called from a
 * callback.
 */
int evtchn_bind(struct evtchn *ec, uint32_t domid, uint32_t remote_port,
		evtchn_cb *cb, void *arg, struct err *e);

/*
 * No callback comes for the port afterwards. Safe within a callback. 0; or
 * -errno, logged: the port is then bound for as long as ec is open.
 */
int evtchn_unbind(struct evtchn *ec, uint32_t port);

/* 0 or -errno. */
int evtchn_unmask(struct evtchn *ec, uint32_t port);
int evtchn_notify(struct evtchn *ec, uint32_t port);

#endif
