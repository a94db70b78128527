/* SPDX-License-Identifier: MIT */
/*
 * One virtual interface, from the message that starts it to the one that stops
 * it. What happens to it is told to xnd.
 */
#ifndef XN_NET_DEVICE_H
#define XN_NET_DEVICE_H

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
 * Serves the interface, and says MSG_NET_SERVING or MSG_FAILED. fds: as the
 * message's, in that order; the taps' are taken and set to -1.
 */
void device_start(struct device *dev, const struct msg_net_start *start,
		  int *fds);

/* What goes from now on: before it is started, or at any time. */
void device_set_terms(struct device *dev, const struct msg_net_terms *terms);

/* Says MSG_STOPPED once all is unmapped and unbound, and ends the loop. */
void device_stop(struct device *dev);

/* Nothing has been started, or it failed to. */
bool device_is_idle(const struct device *dev);

#endif
