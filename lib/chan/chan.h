/* SPDX-License-Identifier: MIT */
/*
 * One end of the channel between xnd and a worker, on a libevent loop. Every
 * message that arrives has passed msg_check; what has not ends the channel.
 */
#ifndef XN_CHAN_CHAN_H
#define XN_CHAN_CHAN_H

#include "chan/msg.h"

struct chan;
struct err;
struct event_base;

/*
 * on_message: fds are the receiver's (close them, or keep them and set the
 * entry to -1; what is left open is closed on return). on_end: the other end
 * is gone or broke the protocol; called once, and nothing after it. Either
 * may call chan_free.
 */
struct chan_ops {
	void (*on_message)(const union msg *m, int *fds, unsigned int n_fds,
			   void *arg);
	void (*on_end)(void *arg);
};

/*
 * Takes fd (a SOCK_SEQPACKET socket; made non-blocking), on failure too.
 * base, ops and arg are borrowed. NULL with *e set.
 */
struct chan *chan_new(struct event_base *base, int fd,
		      const struct chan_ops *ops, void *arg, struct err *e);

/* Closes. NULL is fine. Safe within a callback; no callback follows. */
void chan_free(struct chan *c);

/*
 * Queues a message with n_fds descriptors (borrowed: duplicated by the kernel
 * or by the queue). Never blocks. 0 or -errno: -EPIPE when the other end is
 * gone, -ENOBUFS when it has not read for so long that 256 messages wait.
 */
int chan_send(struct chan *c, const union msg *m, const int *fds,
	      unsigned int n_fds);

/* chan_send of a struct msg_plain. */
int chan_say(struct chan *c, enum msg_type type, uint32_t domid);

/* chan_send of a struct msg_failed with the code and words of e. */
int chan_say_failed(struct chan *c, uint32_t domid, const struct err *e);

#endif
