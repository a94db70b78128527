/* SPDX-License-Identifier: MIT */
/*
 * A worker's side of its life: started by xnd with /dev/null on 0 and 1, the
 * log on 2 and its channel on descriptor 3; one event loop; ended by
 * MSG_STOP. The end of the channel alone is no reason to stop serving: xnd
 * may be on its way back.
 */
#ifndef XN_CHAN_WORKER_H
#define XN_CHAN_WORKER_H

#include "chan/chan.h"

struct event_base;

#define WORKER_CHANNEL_FD 3

/* Begins the argument that says whom a worker is to become. */
#define WORKER_USER_ARG "user="
/* An empty folder that xnd has made: what a worker sees of the file system. */
#define WORKER_ROOT "/run/xn/empty"

struct worker {
	struct event_base *base;    /* owned; borrowed when adopted */
	struct chan *chan;	    /* owned; NULL once the other end is gone */
	const struct chan_ops *ops; /* borrowed, as arg */
	void *arg;
	void (*on_stop)(void *arg); /* NULL: the loop ends */
};

/*
 * Checks that descriptor 3 is a channel, opens the log under name (debug when
 * the environment has XN_DEBUG), makes the loop and the channel, ignores
 * SIGPIPE. On failure says why on stderr and exits 2: such a program was
 * started by hand. ops and arg are borrowed; ops->on_end, when called, finds
 * w->chan already NULL.
 */
void worker_open(struct worker *w, const char *name, const struct chan_ops *ops,
		 void *arg);

/*
 * A worker within this process, on a channel of its own, fd, which is taken,
 * on failure too. w->base is set, and another's; ops and arg are as
 * worker_open's; on_stop(arg) is what its worker_stop does. It says MSG_READY.
 * 0 or -errno with *e set.
 */
int worker_adopt(struct worker *w, int fd, const struct chan_ops *ops,
		 void (*on_stop)(void *arg), void *arg, struct err *e);

/* Ends an adopted worker's channel. Fine when it has none. */
void worker_release(struct worker *w);

/*
 * To be called once everything that must be opened is open: this process
 * becomes the user whom argv names (chan/nobody.h), confines itself
 * (chan/confine.h), says MSG_READY, runs the loop until worker_stop. When it
 * cannot, it says why, and serves no guest. Returns the exit status.
 */
int worker_run(struct worker *w, char **argv);

/*
 * As worker_run, as root, unconfined: for xn-build, which opens privcmd as it
 * goes.
 */
int worker_run_trusted(struct worker *w);

/*
 * Ends the loop after the present callback; an adopted worker's own end is
 * what it was adopted with.
 */
void worker_stop(struct worker *w);

/* Frees the channel and the loop. */
void worker_close(struct worker *w);

/* chan_say and chan_say_failed, quietly dropped when the channel is gone. */
void worker_say(struct worker *w, enum msg_type type, uint32_t domid);
void worker_say_failed(struct worker *w, uint32_t domid, const struct err *e);

#endif
