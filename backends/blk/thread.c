/* SPDX-License-Identifier: MIT */
/* A queue as the work of a loop. */
#include "thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"

struct thread {
	struct loop *loop;   /* owned */
	struct queue *queue; /* owned; the loop's thread's while it runs */
	struct queue_peer peer;
};

/* ---- in the queue's thread ---- */

static void on_failed(const struct err *e, void *arg)
{
	struct thread *t = arg;

	loop_fail(t->loop, e);
}

static void on_drained(void *arg)
{
	struct thread *t = arg;

	loop_end(t->loop);
}

static const struct queue_ops queue_ops = {on_failed, on_drained};

static int attach(void *arg, struct err *e)
{
	struct thread *t = arg;

	return queue_attach(t->queue, &t->peer, e);
}

static void look_again(void *arg)
{
	struct thread *t = arg;

	queue_look_again(t->queue);
}

static void drain(void *arg)
{
	struct thread *t = arg;

	queue_drain(t->queue);
}

static void detach(void *arg)
{
	struct thread *t = arg;

	queue_detach(t->queue);
}

static const struct loop_ops loop_ops = {
	.attach = attach,
	.look_again = look_again,
	.drain = drain,
	.detach = detach,
};

/* ---- in the main thread ---- */

struct thread *thread_new(int told, struct err *e)
{
	struct thread *t = calloc(1, sizeof(*t));

	if (!t) {
		err_set(e, ENOMEM, "no memory for a thread");
		return NULL;
	}
	t->loop = loop_new(told, e);
	if (!t->loop)
		goto fail;
	t->queue = queue_new(loop_base(t->loop), &queue_ops, t, e);
	if (!t->queue)
		goto fail;
	return t;

fail:
	thread_free(t);
	return NULL;
}

void thread_free(struct thread *t)
{
	if (!t)
		return;
	if (t->loop)
		loop_join(t->loop);
	queue_free(t->queue);
	loop_free(t->loop);
	free(t);
}

int thread_start(struct thread *t, unsigned int number,
		 const struct queue_peer *peer, struct err *e)
{
	char name[16];

	t->peer = *peer;
	snprintf(name, sizeof(name), "queue-%u", number & 0xff);
	return loop_start(t->loop, name, &loop_ops, t, e);
}

struct loop *thread_loop(const struct thread *t)
{
	return t->loop;
}
