/* SPDX-License-Identifier: MIT */
/*
 * Orders go one way, states the other, each an atomic word that only grows
 * and an eventfd that wakes whoever is to read it.
 */
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"

enum order { ORDER_NONE, ORDER_STOP, ORDER_GIVE_UP };

struct thread {
	pthread_t id;
	struct event_base *base; /* owned; this thread's while it runs */
	struct queue *queue;	 /* owned, likewise */
	struct event *ordered;	 /* owned */
	int orders;		 /* owned: written to after order */
	int told;		 /* borrowed: written to after the others */
	struct queue_peer peer;
	unsigned int number;
	struct err failure; /* of this thread's making; read once failed */
	_Atomic enum order order;
	_Atomic enum thread_state state;
	atomic_bool failed;
};

/* An eventfd takes more writes than there can be. */
static void wake(int fd)
{
	if (eventfd_write(fd, 1) < 0)
		log_error("cannot wake a thread");
}

/* ---- in the queue's thread ---- */

static void on_failed(const struct err *e, void *arg)
{
	struct thread *t = arg;

	t->failure = *e;
	atomic_store_explicit(&t->failed, true, memory_order_release);
	wake(t->told);
}

static void on_drained(void *arg)
{
	struct thread *t = arg;

	event_base_loopbreak(t->base);
}

static const struct queue_ops queue_ops = {on_failed, on_drained};

static void on_ordered(evutil_socket_t fd, short what, void *arg)
{
	struct thread *t = arg;
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
	switch (atomic_load_explicit(&t->order, memory_order_acquire)) {
	case ORDER_NONE:
		queue_look_again(t->queue);
		break;
	case ORDER_STOP:
		queue_drain(t->queue);
		break;
	case ORDER_GIVE_UP:
		event_base_loopbreak(t->base);
		break;
	}
}

static void thread_become(struct thread *t, enum thread_state state)
{
	atomic_store_explicit(&t->state, state, memory_order_release);
	wake(t->told);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	char name[16];
	struct err e;

	snprintf(name, sizeof(name), "queue-%u", t->number & 0xff);
	prctl(PR_SET_NAME, name); /* for top(1) */
	if (queue_attach(t->queue, &t->peer, &e) < 0)
		on_failed(&e, t);
	else
		thread_become(t, THREAD_SERVING);
	event_base_dispatch(t->base); /* until it is told to end */
	queue_detach(t->queue);
	thread_become(t, THREAD_ENDED);
	return NULL;
}

/* ---- in the main thread ---- */

struct thread *thread_new(int told, struct err *e)
{
	struct thread *t = calloc(1, sizeof(*t));

	if (!t) {
		err_set(e, ENOMEM, "no memory for a thread");
		return NULL;
	}
	t->told = told;
	t->orders = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->base = event_base_new();
	if (t->orders < 0 || !t->base) {
		err_set(e, ENOMEM, "cannot make an event loop");
		goto fail;
	}
	t->ordered = event_new(t->base, t->orders, EV_READ | EV_PERSIST,
			       on_ordered, t);
	if (!t->ordered || event_add(t->ordered, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	t->queue = queue_new(t->base, &queue_ops, t, e);
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
	if (thread_state(t) != THREAD_IDLE)
		pthread_join(t->id, NULL);
	queue_free(t->queue);
	if (t->ordered)
		event_free(t->ordered);
	if (t->base)
		event_base_free(t->base);
	fd_drop(&t->orders);
	free(t);
}

int thread_start(struct thread *t, unsigned int number,
		 const struct queue_peer *peer, struct err *e)
{
	int r;

	t->peer = *peer;
	t->number = number;
	atomic_store_explicit(&t->state, THREAD_STARTING, memory_order_relaxed);
	r = pthread_create(&t->id, NULL, thread_main, t);
	if (r != 0) {
		atomic_store_explicit(&t->state, THREAD_IDLE,
				      memory_order_relaxed);
		return err_errno(e, r, "cannot start a thread");
	}
	return 0;
}

static void thread_order(struct thread *t, enum order order)
{
	if (thread_state(t) == THREAD_IDLE ||
	    atomic_load_explicit(&t->order, memory_order_relaxed) >= order)
		return;
	atomic_store_explicit(&t->order, order, memory_order_release);
	wake(t->orders);
}

void thread_look_again(struct thread *t)
{
	wake(t->orders);
}

void thread_stop(struct thread *t)
{
	thread_order(t, ORDER_STOP);
}

void thread_give_up(struct thread *t)
{
	thread_order(t, ORDER_GIVE_UP);
}

enum thread_state thread_state(const struct thread *t)
{
	return atomic_load_explicit(&t->state, memory_order_acquire);
}

const struct err *thread_failure(const struct thread *t)
{
	return atomic_load_explicit(&t->failed, memory_order_acquire)
		       ? &t->failure
		       : NULL;
}
