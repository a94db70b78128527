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
struct fdb_member;

/*
 * Opens every handle, of as many queues as the guest has been offered; to be
 * called before confinement. w, of which only base need be set, is borrowed:
 * what happens is told there, and worker_stop is called, within a callback of
 * the device's, when it is over. member (borrowed): what it is to the other
 * vifs of this process; NULL: there will be none. NULL with *e set.
 */
struct device *device_new(struct worker *w, unsigned int n_queues,
			  struct fdb_member *member, struct err *e);

/* NULL is fine. */
void device_free(struct device *dev);

/*
 * After worker_stop, and not within it: ready for another guest, as it was
 * when it was new. It must be a member.
 */
void device_renew(struct device *dev);

/*
 * Does what a message of its channel says, which is one of those below. fds:
 * as chan_ops' on_message.
 */
void device_obey(struct device *dev, const union msg *m, int *fds);

/*
 * Serves the interface, and says MSG_NET_SERVING or MSG_FAILED. fds: as the
 * message's, in that order; the taps' are taken and set to -1.
 */
void device_start(struct device *dev, const struct msg_net_start *start,
		  int *fds);

/* What goes from now on: before it is started, or at any time. */
void device_set_terms(struct device *dev, const struct msg_net_terms *terms);

/* Says MSG_STOPPED once all is unmapped and unbound, and worker_stop. */
void device_stop(struct device *dev);

/* Nothing has been started, or it failed to. */
bool device_is_idle(const struct device *dev);

#endif
