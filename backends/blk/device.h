/* SPDX-License-Identifier: MIT */
/*
 * One disk, from the message that starts it to the one that stops it. What
 * happens to it is told to xnd.
 */
#ifndef XN_BLK_DEVICE_H
#define XN_BLK_DEVICE_H

#include <stdbool.h>

#include "chan/worker.h"

struct device;
struct err;

/*
 * Opens every handle, of as many queues as the guest has been offered; to be
 * called before confinement. w is borrowed. NULL with *e set.
 */
struct device *device_new(struct worker *w, unsigned int n_queues,
			  struct err *e);

/* NULL is fine. */
void device_free(struct device *dev);

/*
 * Agrees with an image's server at fds[0] (taken), and says MSG_BLK_OPENED or
 * MSG_FAILED, which leaves the device as it was. A device that serves from
 * one it has lost goes on with this one.
 */
void device_open(struct device *dev, const struct msg_blk_open *open, int *fds);

/*
 * Serves the image (its descriptor, if it has one, and the journal's are taken
 * and set to -1 when it is tried), and says MSG_BLK_SERVING or MSG_FAILED. fds:
 * as the message's, in that order.
 */
void device_start(struct device *dev, const struct msg_blk_start *start,
		  int *fds);

/* How fast it may be, from now on: before it is started, or at any time. */
void device_set_caps(struct device *dev, const struct msg_blk_caps *caps);

/*
 * Finishes what is in flight, for ten seconds at most, says MSG_STOPPED and
 * ends the worker's loop.
 */
void device_stop(struct device *dev);

/* Nothing has been started, or it failed to. */
bool device_is_idle(const struct device *dev);

#endif
