/* SPDX-License-Identifier: MIT */
/*
 * Vifs that share an xn-net, so that it can copy frames from one guest to
 * another: those of one bridge are in one process, up to LODGINGS_PLACES of
 * them, the next in another. To its owner each looks like a process of its own
 * (process.h), whose channel it has, and which it starts, stops and loses; but
 * who is killed, or has to be, takes the others along.
 */
#ifndef XN_WORKER_LODGINGS_H
#define XN_WORKER_LODGINGS_H

#include <stdint.h>

struct err;
struct event_base;
struct lodgings;
struct process;
struct process_ops;

/* How many vifs such a process is made for. */
#define LODGINGS_PLACES 16u

/*
 * queues: the most that one of them may have. worker_uids: the first user
 * (users.h); each process is one of its own. base is borrowed. NULL with *e
 * set. Processes that run when it is freed serve on without us; the vifs in
 * them are not to be used any more, but for process_free.
 */
struct lodgings *lodgings_new(struct event_base *base, unsigned int queues,
			      uint32_t worker_uids, struct err *e);
void lodgings_free(struct lodgings *l); /* NULL is fine */

/*
 * A vif of the domain's in a process for that bridge, which is started when
 * there is none with a place left, and stopped when the last one has ended.
 * To be used, and freed, as what process_start makes; process_pid is that of
 * all. It ends alone when it closes its channel after STOPPED, or without ever
 * having been READY: nothing of its guest is mapped or bound then. In any
 * other case its on_exit comes when the whole process is dead and reaped, for
 * only then has the kernel let go of the guest's event channels; and a process
 * that closes such a channel without a word is killed. NULL with *e set.
 */
struct process *lodgings_start(struct lodgings *l, const char *bridge,
			       uint32_t domid, const struct process_ops *ops,
			       void *arg, struct err *e);

#endif
