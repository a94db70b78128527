/* SPDX-License-Identifier: MIT */
/*
 * What a vif's worker is told that may change while it serves: how much its
 * guest may send, from its configuration; with whom it may exchange frames
 * directly, from its place; and what the front end wishes, from
 * xenstore, where it may change its mind at any time.
 */
#ifndef XN_DEVICE_VIF_TERMS_H
#define XN_DEVICE_VIF_TERMS_H

#include <stdbool.h>
#include <stdint.h>

struct device;
struct err;
struct xs_job;
struct xs_values;
struct xs_watch;

struct vif_wishes {
	uint32_t xdp_headroom;	     /* bytes */
	bool multicast;		     /* only what it asks for */
	struct xs_watch *watches[2]; /* owned, or NULL: one for each wish */
	struct xs_job *fetch;	     /* the one look under way */
	bool look_again;	     /* a watch fired during fetch */
	bool told;		     /* the worker: it goes by something */
};

/* Hears of changes from now on, and of how things stand. */
void vif_wishes_watch(struct device *d);
/* No more. Idempotent. */
void vif_wishes_unwatch(struct device *d);

/* The wishes that v has, for who tells the worker. Whether they are new. */
bool vif_wishes_take(struct device *d, const struct xs_values *v);

/*
 * Tells the worker. To be called before it is started, too, which then serves
 * nothing on other terms. What it goes by unless it is told is not said. A
 * worker that has just died is no error. 0 or -errno with *e set.
 */
int vif_terms_send(struct device *d, struct err *e);

/* The same of one that may not have been started, which is told then. */
int vif_terms_changed(struct device *d, struct err *e);

#endif
