/* SPDX-License-Identifier: MIT */
/*
 * One worker process: started with a channel on its descriptor 3, noticed
 * when it ends by pidfd (never by parenthood alone), stopped with a word and,
 * when that does not help, with SIGKILL.
 */
#ifndef XN_WORKER_PROCESS_H
#define XN_WORKER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chan/msg.h"

struct err;
struct event_base;
struct process;

/*
 * on_message: as chan_ops (fds not kept are closed). on_exit: the process is
 * dead and reaped, why is in words ("exited with 1", "was killed by signal
 * 9"); called once, last, and p may be freed in it.
 */
struct process_ops {
	void (*on_message)(const union msg *m, int *fds, unsigned int n_fds,
			   void *arg);
	void (*on_exit)(const char *why, void *arg);
};

/* Where the workers' programs are. Borrowed. */
const char *process_dir(void);

/*
 * Starts the program of that name (xn-blk …) from the directory of workers.
 * args: what ps(1) shall show behind its name, ended by NULL (or NULL for
 * nothing), some of which it may read; user, whom it is to become (users.h),
 * is added to them, unless it is 0, and the program stays root. ops and arg
 * are borrowed. NULL with *e set.
 */
struct process *process_start(struct event_base *base, const char *program,
			      const char *const *args, uint32_t user,
			      const struct process_ops *ops, void *arg,
			      struct err *e);

/*
 * Asks it to stop (MSG_STOP) and kills it when it has not ended after
 * grace_ms. on_exit follows. May be repeated; never before on_exit only.
 */
void process_stop(struct process *p, unsigned int grace_ms);

/*
 * It owes us an answer within so many seconds from now, or it is killed, and
 * on_exit says that it did not answer; 0: it owes us nothing any more. Not
 * heard of once it has been asked to stop.
 */
void process_await(struct process *p, unsigned int seconds);

/* Kills. on_exit follows. */
void process_kill(struct process *p);

/*
 * Frees, without on_exit: a process that still runs is let go of, and serves
 * on without us. NULL is fine.
 */
void process_free(struct process *p);

/* 0 or -errno; as chan_send. -EPIPE once the channel is gone. */
int process_send(struct process *p, const union msg *m, const int *fds,
		 unsigned int n_fds);
int process_say(struct process *p, enum msg_type type, uint32_t domid);

/*
 * Within on_exit: it had nothing to do with the end. It is part of a process
 * that several share, and was neither late nor yet READY.
 */
bool process_was_bystander(const struct process *p);

pid_t process_pid(const struct process *p);

#endif
