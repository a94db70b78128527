/* SPDX-License-Identifier: MIT */
/*
 * Renewing a device: what it is served from changes while its front end is
 * connected, and the connection stays. Its worker is asked to stop, which
 * answers what it has taken; the change is made while nobody serves; another
 * worker goes on with the same rings, as it would after a death; and then the
 * front end is told, by a word in xenstore and its state written once more.
 * A guest's requests wait meanwhile, none fails.
 *
 * A device that has no front end now, or none that serves it, has the change
 * made at once. One that is leaving in the middle of a change takes it along.
 */
#ifndef XN_DEVICE_RENEW_H
#define XN_DEVICE_RENEW_H

#include <stdbool.h>

#include "daemon/device/device.h"

struct err;
struct renewal;
struct xs_plan;

/* One kind of change. change: what device_renew was given. */
struct renewal_ops {
	/*
	 * Makes it. No worker is at work, nor is any I/O of one's. 0, or -errno
	 * with *e set and everything as it was.
	 */
	int (*make)(struct device *d, void *change, struct err *e);
	/*
	 * Takes it back, for the worker does not like it: under the same
	 * conditions. False when that is not possible.
	 */
	bool (*undo)(struct device *d, void *change);
	/*
	 * Adds to plan what is to be known of it whether there is a front end
	 * or not; the kind's plan_connected, for one that there is, goes with
	 * it. May be NULL.
	 */
	void (*plan)(const struct device *d, struct xs_plan *plan);
	/* The last that is done with it, whatever came of it. */
	void (*free)(void *change);
};

/* Whether device_renew would begin one now. 0, or -EBUSY with *e set. */
int device_check_renewable(const struct device *d, struct err *e);

/*
 * Begins one. done hears (once, perhaps before this returns) that it is
 * served anew and the front end has been told; or why not, and then it is
 * served as before if it was before and that was possible. change is taken
 * in either case. 0, or -errno with *e set, and done is not called: -EBUSY
 * while another is under way, or it is being attached or removed.
 */
int device_renew(struct device *d, const struct renewal_ops *ops, void *change,
		 device_cb *done, void *arg, struct err *e);

/* ---- for the life of a device ---- */

/* Takes the step that is due, if any. */
void device_go_on_renewing(struct device *d);

/* Its change has not been made: no worker may be given the rings. */
bool device_renewal_is_due(const struct device *d);

/*
 * The worker has refused what it was started with, because of e. True when
 * that was a change, which has been taken back: who asked for it has heard,
 * and another worker will be started.
 */
bool device_undo_renewal(struct device *d, const struct err *e);

/* Ends one, if there is one: e goes to who waits. */
void device_answer_renewal(struct device *d, const struct err *e);
/* The same, of an error that does not name the device. */
void device_fail_renewal(struct device *d, const struct err *e);

/* Nobody hears of it. NULL is fine. */
void renewal_free(struct renewal *r);

#endif
