/* SPDX-License-Identifier: MIT */
/* One virtual interface from start to stop: its tap, its name, its queue. */
#ifndef XN_NET_DEVICE_H
#define XN_NET_DEVICE_H

#include "xen/abi.h"

struct device;
struct err;
struct event_base;
struct evtchn;
struct msg_net_start;

/*
 * The device stopped by itself, for the reason in *e: its guest lied, or its
 * tap went. It has unmapped and unbound everything; device_close is left to
 * the caller, now or later.
 */
typedef void device_failed_cb(const struct err *e, void *arg);

/*
 * Serves the interface that *start describes, and restricts ec to its domain
 * for good. Takes tap, on failure too.
 * base, ec, gnttab and arg are borrowed. NULL with *e set.
 */
struct device *device_open(struct event_base *base, struct evtchn *ec,
			   xengnttab_handle *gnttab,
			   const struct msg_net_start *start, int tap,
			   device_failed_cb *on_failed, void *arg,
			   struct err *e);

/* Stops, unmaps, unbinds. NULL is fine. Safe within the callback. */
void device_close(struct device *d);

#endif
