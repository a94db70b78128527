/* SPDX-License-Identifier: MIT */
/*
 * The requests thread, its queue, and the way back into the loop. libxenstore
 * gives a connection up for good when it is out of memory, and, for watches,
 * without a word: the thread looks, and both are made again.
 */
#include "daemon/xs/xs.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <event2/event.h>
#include <xenstore.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "daemon/xs/job.h"
#include "daemon/xs/plan.h"

/* How long it may take until a lost connection of watches is noticed. */
#define LISTEN_S 2

STAILQ_HEAD(job_list, xs_job);

struct xs {
	struct event_base *base;    /* borrowed */
	struct xs_handle *requests; /* owned; the thread's alone */
	struct xs_handle *watches;  /* owned; locks itself */
	struct watches *watching;   /* owned; the loop's alone */
	struct event *watch_ready;  /* owned */
	struct event *jobs_done;    /* owned */
	int done_fd;		    /* owned eventfd: the thread rings it */
	pthread_t thread;
	bool running;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;
	struct job_list queued;
	struct job_list finished;
	bool ending;
	bool deaf; /* the thread waits for the loop to renew watches */
};

/* Some round trip that always has an answer. */
static bool is_alive(struct xs_handle *h)
{
	scoped_str path = xs_get_domain_path(h, 0);

	return path;
}

static void run(struct xs *xs, struct xs_job *job)
{
	struct xs_handle *fresh;

	job->rc = job->run(job, xs->requests, xs->watches);
	if (job->rc == 0 || is_alive(xs->requests))
		return;
	fresh = xs_open(0);
	if (!fresh) {
		log_error("xenstore: the connection is lost: %s",
			  strerror(errno));
		return;
	}
	log_warn("xenstore: the connection was lost, and made again");
	xs_close(xs->requests);
	xs->requests = fresh;
	job->rc = job->run(job, xs->requests, xs->watches);
}

/* Locked. Waits for a job, and looks after the watches meanwhile. */
static void await_job(struct xs *xs)
{
	struct timespec limit;
	bool alive;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += LISTEN_S;
	if (pthread_cond_timedwait(&xs->more, &xs->lock, &limit) != ETIMEDOUT)
		return;
	pthread_mutex_unlock(&xs->lock);
	alive = is_alive(xs->watches);
	pthread_mutex_lock(&xs->lock);
	if (alive)
		return;
	xs->deaf = true;
	eventfd_write(xs->done_fd, 1);
	while (xs->deaf && !xs->ending)
		pthread_cond_wait(&xs->more, &xs->lock);
}

static void *thread_main(void *arg)
{
	struct xs *xs = arg;

	pthread_mutex_lock(&xs->lock);
	for (;;) {
		struct xs_job *job = STAILQ_FIRST(&xs->queued);

		if (!job) {
			if (xs->ending)
				break;
			await_job(xs);
			continue;
		}
		STAILQ_REMOVE_HEAD(&xs->queued, link);
		pthread_mutex_unlock(&xs->lock);
		run(xs, job);
		pthread_mutex_lock(&xs->lock);
		STAILQ_INSERT_TAIL(&xs->finished, job, link);
		eventfd_write(xs->done_fd, 1);
	}
	pthread_mutex_unlock(&xs->lock);
	return NULL;
}

static void job_free(struct xs_job *job)
{
	plan_free(job->plan);
	values_free(job->values);
	free(job->path);
	free(job->token);
	free(job);
}

static void on_watch_ready(evutil_socket_t fd, short what, void *arg)
{
	struct xs *xs = arg;

	(void)fd;
	(void)what;
	watches_dispatch(xs->watching, xs->watches);
}

/* False without memory, or xenstored: nothing has changed then. */
static bool listen_again(struct xs *xs)
{
	struct xs_handle *fresh = xs_open(0);
	struct event *ready = NULL;

	if (fresh)
		ready = event_new(xs->base, xs_fileno(fresh),
				  EV_READ | EV_PERSIST, on_watch_ready, xs);
	if (!ready || event_add(ready, NULL) < 0) {
		if (ready)
			event_free(ready);
		if (fresh)
			xs_close(fresh);
		return false;
	}
	event_free(xs->watch_ready);
	xs_close(xs->watches);
	xs->watch_ready = ready;
	xs->watches = fresh;
	return true;
}

/* The thread stands still. Each watch fires when it is set, so none is late. */
static void renew_watches(struct xs *xs)
{
	bool ok = listen_again(xs);

	if (ok)
		log_warn("xenstore: the connection of watches was lost, and "
			 "made again");
	else
		log_error("xenstore: the connection of watches is lost");
	pthread_mutex_lock(&xs->lock);
	xs->deaf = false;
	pthread_cond_signal(&xs->more);
	pthread_mutex_unlock(&xs->lock);
	if (ok)
		watches_set(xs->watching);
}

static void on_jobs_done(evutil_socket_t fd, short what, void *arg)
{
	struct xs *xs = arg;
	struct job_list done = STAILQ_HEAD_INITIALIZER(done);
	struct xs_job *job;
	eventfd_t count;
	bool deaf;

	(void)what;
	eventfd_read(fd, &count);
	pthread_mutex_lock(&xs->lock);
	STAILQ_CONCAT(&done, &xs->finished);
	deaf = xs->deaf;
	pthread_mutex_unlock(&xs->lock);
	if (deaf)
		renew_watches(xs);
	while ((job = STAILQ_FIRST(&done))) {
		STAILQ_REMOVE_HEAD(&done, link);
		if (job->forgotten)
			;
		else if (job->values_done)
			job->values_done(job->values, job->arg);
		else if (job->done)
			job->done(job->rc, job->arg);
		job_free(job);
	}
}

static bool start_thread(struct xs *xs)
{
	sigset_t all, was;
	bool ok;

	/* Signals belong to the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	ok = pthread_create(&xs->thread, NULL, thread_main, xs) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return ok;
}

struct xs *xs_new(struct event_base *base, struct err *e)
{
	struct xs *xs = calloc(1, sizeof(*xs));

	if (!xs) {
		err_set(e, ENOMEM, "no memory for xenstore");
		return NULL;
	}
	xs->base = base;
	pthread_mutex_init(&xs->lock, NULL);
	pthread_cond_init(&xs->more, NULL);
	STAILQ_INIT(&xs->queued);
	STAILQ_INIT(&xs->finished);
	xs->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	xs->requests = xs_open(0);
	xs->watches = xs_open(0);
	if (!xs->requests || !xs->watches) {
		err_errno(e, errno, "cannot reach xenstored (is it running?)");
		goto fail;
	}
	xs->watching = watches_new();
	xs->watch_ready = event_new(base, xs_fileno(xs->watches),
				    EV_READ | EV_PERSIST, on_watch_ready, xs);
	xs->jobs_done = event_new(base, xs->done_fd, EV_READ | EV_PERSIST,
				  on_jobs_done, xs);
	if (xs->done_fd < 0 || !xs->watching || !xs->watch_ready ||
	    !xs->jobs_done || event_add(xs->watch_ready, NULL) < 0 ||
	    event_add(xs->jobs_done, NULL) < 0) {
		err_set(e, ENOMEM, "no memory for xenstore");
		goto fail;
	}
	xs->running = start_thread(xs);
	if (!xs->running) {
		err_set(e, EAGAIN, "cannot start the xenstore thread");
		goto fail;
	}
	return xs;

fail:
	xs_free(xs);
	return NULL;
}

void xs_free(struct xs *xs)
{
	struct xs_job *job;

	if (!xs)
		return;
	if (xs->running) {
		pthread_mutex_lock(&xs->lock);
		xs->ending = true;
		pthread_cond_signal(&xs->more);
		pthread_mutex_unlock(&xs->lock);
		pthread_join(xs->thread, NULL);
	}
	while ((job = STAILQ_FIRST(&xs->finished))) {
		STAILQ_REMOVE_HEAD(&xs->finished, link);
		job_free(job);
	}
	watches_free(xs->watching);
	if (xs->watch_ready)
		event_free(xs->watch_ready);
	if (xs->jobs_done)
		event_free(xs->jobs_done);
	if (xs->requests)
		xs_close(xs->requests);
	if (xs->watches)
		xs_close(xs->watches);
	if (xs->done_fd >= 0)
		close(xs->done_fd);
	pthread_cond_destroy(&xs->more);
	pthread_mutex_destroy(&xs->lock);
	free(xs);
}

struct watches *xs_watches(struct xs *xs)
{
	return xs->watching;
}

struct xs_job *xs_queue(struct xs *xs, struct xs_job *job)
{
	if (!job)
		return NULL;
	pthread_mutex_lock(&xs->lock);
	STAILQ_INSERT_TAIL(&xs->queued, job, link);
	pthread_cond_signal(&xs->more);
	pthread_mutex_unlock(&xs->lock);
	return job;
}

static int run_plan(struct xs_job *job, struct xs_handle *requests,
		    struct xs_handle *watches)
{
	(void)watches;
	return plan_run(job->plan, requests);
}

struct xs_job *xs_apply(struct xs *xs, struct xs_plan *plan, xs_done_cb *done,
			void *arg)
{
	struct xs_job *job = NULL;

	if (!plan_is_broken(plan))
		job = calloc(1, sizeof(*job));
	if (!job) {
		plan_free(plan);
		return NULL;
	}
	job->run = run_plan;
	job->plan = plan;
	job->done = done;
	job->arg = arg;
	return xs_queue(xs, job);
}

static int run_introduce(struct xs_job *job, struct xs_handle *requests,
			 struct xs_handle *watches)
{
	(void)watches;
	return xs_introduce_domain(requests, job->domid, job->frame, job->port)
		       ? 0
		       : -errno;
}

struct xs_job *xs_introduce(struct xs *xs, uint32_t domid, uint64_t frame,
			    uint32_t port, xs_done_cb *done, void *arg)
{
	struct xs_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->run = run_introduce;
	job->domid = domid;
	job->frame = frame;
	job->port = port;
	job->done = done;
	job->arg = arg;
	return xs_queue(xs, job);
}

static int run_fetch(struct xs_job *job, struct xs_handle *requests,
		     struct xs_handle *watches)
{
	(void)watches;
	return values_run(job->values, requests);
}

struct xs_job *xs_fetch(struct xs *xs, struct xs_values *v, xs_values_cb *done,
			void *arg)
{
	struct xs_job *job = v ? calloc(1, sizeof(*job)) : NULL;

	if (!job) {
		values_free(v);
		return NULL;
	}
	job->run = run_fetch;
	job->values = v;
	job->values_done = done;
	job->arg = arg;
	return xs_queue(xs, job);
}

void xs_forget(struct xs_job *job)
{
	if (job)
		job->forgotten = true;
}
