/* SPDX-License-Identifier: MIT */
/* A queue as the work of a loop. */
#include "thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "tap_batch.h"

struct thread {
	struct loop *loop;   /* owned */
	struct queue *queue; /* owned; the loop's thread's while it runs */
	struct vif vif;	     /* for queue_attach */
	struct queue_wires wires;
	struct tap_batch *batch; /* owned, or NULL */
};

/* ---- in the queue's thread ---- */

static void on_failed(const struct err *e, void *arg)
{
	struct thread *t = arg;

	loop_fail(t->loop, e);
}

static int attach(void *arg, struct err *e)
{
	struct thread *t = arg;

	return queue_attach(t->queue, &t->vif, &t->wires, e);
}

static void look_again(void *arg)
{
	struct thread *t = arg;

	queue_look_again(t->queue);
}

/* Between two passes there is nothing in flight. */
static void drain(void *arg)
{
	struct thread *t = arg;

	loop_end(t->loop);
}

static void detach(void *arg)
{
	struct thread *t = arg;

	queue_detach(t->queue);
}

static const struct loop_ops ops = {
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
	t->batch = tap_batch_open();
	t->queue = queue_new(loop_base(t->loop), on_failed, t, e);
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
	tap_batch_close(t->batch);
	loop_free(t->loop);
	free(t);
}

void thread_renew(struct thread *t)
{
	loop_renew(t->loop);
}

int thread_start(struct thread *t, unsigned int number, const struct vif *vif,
		 const struct queue_wires *wires, struct err *e)
{
	char name[16];

	t->vif = *vif;
	t->vif.batch = t->batch;
	t->wires = *wires;
	snprintf(name, sizeof(name), "queue-%u", number & 0xff);
	return loop_start(t->loop, name, &ops, t, e);
}

struct loop *thread_loop(const struct thread *t)
{
	return t->loop;
}

struct queue *thread_queue(const struct thread *t)
{
	return t->queue;
}
