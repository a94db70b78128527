/* SPDX-License-Identifier: MIT */
/*
 * Orders go one way, states the other, each an atomic word that only grows
 * until the loop is renewed, and an eventfd that wakes whoever is to read it.
 */
#include "chan/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"

enum order { ORDER_NONE, ORDER_STOP, ORDER_GIVE_UP };

struct loop {
	pthread_t id;
	struct event_base *base; /* owned; this thread's while it runs */
	struct event *ordered;	 /* owned */
	int orders;		 /* owned: written to after order */
	int told;		 /* borrowed: written to after the others */
	const struct loop_ops *ops;
	void *arg;
	char name[16];
	struct err failure; /* of this thread's making; read once failed */
	_Atomic enum order order;
	_Atomic enum loop_state state;
	atomic_bool failed;
};

/* An eventfd takes more writes than there can be. */
static void wake(int fd)
{
	if (eventfd_write(fd, 1) < 0)
		log_error("cannot wake a thread");
}

/* ---- in the loop's thread ---- */

void loop_fail(struct loop *l, const struct err *e)
{
	l->failure = *e;
	atomic_store_explicit(&l->failed, true, memory_order_release);
	wake(l->told);
}

void loop_end(struct loop *l)
{
	event_base_loopbreak(l->base);
}

static void on_ordered(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	eventfd_t n;

	(void)what;
	eventfd_read(fd, &n);
	switch (atomic_load_explicit(&l->order, memory_order_acquire)) {
	case ORDER_NONE:
		l->ops->look_again(l->arg);
		break;
	case ORDER_STOP:
		l->ops->drain(l->arg);
		break;
	case ORDER_GIVE_UP:
		loop_end(l);
		break;
	}
}

static void become(struct loop *l, enum loop_state state)
{
	atomic_store_explicit(&l->state, state, memory_order_release);
	wake(l->told);
}

static void *loop_main(void *arg)
{
	struct loop *l = arg;
	struct err e;

	prctl(PR_SET_NAME, l->name);
	if (l->ops->attach(l->arg, &e) < 0)
		loop_fail(l, &e);
	else
		become(l, LOOP_SERVING);
	event_base_dispatch(l->base); /* until it is told to end */
	l->ops->detach(l->arg);
	become(l, LOOP_ENDED);
	return NULL;
}

/* ---- in the main thread ---- */

struct loop *loop_new(int told, struct err *e)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l) {
		err_set(e, ENOMEM, "no memory for a thread");
		return NULL;
	}
	l->told = told;
	l->orders = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->base = event_base_new();
	if (l->orders < 0 || !l->base) {
		err_set(e, ENOMEM, "cannot make an event loop");
		goto fail;
	}
	l->ordered = event_new(l->base, l->orders, EV_READ | EV_PERSIST,
			       on_ordered, l);
	if (!l->ordered || event_add(l->ordered, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for an event");
		goto fail;
	}
	return l;

fail:
	loop_free(l);
	return NULL;
}

void loop_join(struct loop *l)
{
	if (loop_state(l) != LOOP_IDLE)
		pthread_join(l->id, NULL);
	atomic_store_explicit(&l->state, LOOP_IDLE, memory_order_relaxed);
}

void loop_renew(struct loop *l)
{
	eventfd_t n;

	loop_join(l);
	/* Nobody else reads these now, nor the word that woke nobody. */
	atomic_store_explicit(&l->order, ORDER_NONE, memory_order_relaxed);
	atomic_store_explicit(&l->failed, false, memory_order_relaxed);
	eventfd_read(l->orders, &n);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_join(l);
	if (l->ordered)
		event_free(l->ordered);
	if (l->base)
		event_base_free(l->base);
	fd_drop(&l->orders);
	free(l);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

int loop_start(struct loop *l, const char *name, const struct loop_ops *ops,
	       void *arg, struct err *e)
{
	int r;

	snprintf(l->name, sizeof(l->name), "%s", name);
	l->ops = ops;
	l->arg = arg;
	atomic_store_explicit(&l->state, LOOP_STARTING, memory_order_relaxed);
	r = pthread_create(&l->id, NULL, loop_main, l);
	if (r != 0) {
		atomic_store_explicit(&l->state, LOOP_IDLE,
				      memory_order_relaxed);
		return err_errno(e, r, "cannot start a thread");
	}
	return 0;
}

static void loop_order(struct loop *l, enum order order)
{
	if (loop_state(l) == LOOP_IDLE ||
	    atomic_load_explicit(&l->order, memory_order_relaxed) >= order)
		return;
	atomic_store_explicit(&l->order, order, memory_order_release);
	wake(l->orders);
}

void loop_look_again(struct loop *l)
{
	wake(l->orders);
}

void loop_stop(struct loop *l)
{
	loop_order(l, ORDER_STOP);
}

void loop_give_up(struct loop *l)
{
	loop_order(l, ORDER_GIVE_UP);
}

enum loop_state loop_state(const struct loop *l)
{
	return atomic_load_explicit(&l->state, memory_order_acquire);
}

const struct err *loop_failure(const struct loop *l)
{
	return atomic_load_explicit(&l->failed, memory_order_acquire)
		       ? &l->failure
		       : NULL;
}
