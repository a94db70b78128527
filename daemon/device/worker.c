/* SPDX-License-Identifier: MIT */
/*
 * A device's worker: started, stopped, and replaced when it dies. One that
 * leaves a connection behind is followed by another that goes on with it, and
 * the front end need not know; the state that it sees stays what it was.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/scope.h"
#include "daemon/device/bus.h"
#include "daemon/device/kind.h"
#include "daemon/device/renew.h"
#include "daemon/worker/lodgings.h"
#include "daemon/worker/orphans.h"
#include "daemon/worker/process.h"
#include "daemon/worker/users.h"
#include "daemon/xs/plan.h"

/* Longer than the 10 s that xn-blk itself gives what is in flight. */
#define WORKER_GRACE_MS 11000
/* A guest that closes and opens has a new worker no more often than this. */
#define WORKER_PAUSE_MS 1000
/* How often a successor asks whether its predecessor's I/O has ended. */
#define RESUME_MS 10
/* How long a successor may lack what it takes: so many worker_timeouts. */
#define PATIENCE 3

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void start_timer(struct event *timer, unsigned int ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	evtimer_add(timer, &tv);
}

/* ---- going on with a connection ---- */

static bool device_may_stay(const struct device *d)
{
	return (d->fate == FATE_STAY || d->fate == FATE_DETACH) &&
	       !d->failure.text[0];
}

/* Whether the death of this worker, in this phase, is to be mended. */
static bool device_needs_worker(const struct device *d)
{
	if (!device_may_stay(d))
		return false;
	if (d->generation)
		return d->kind->resume;
	/* One that never came up at all is an error for who asked for it. */
	return d->came_up || d->crashes.n || process_was_bystander(d->worker);
}

void device_give_up(struct device *d, const struct err *e)
{
	device_fail_renewal(d, e);
	device_forget_connection(d);
	start_timer(d->retry, WORKER_PAUSE_MS);
	device_fail(d, e);
}

static void device_lost_worker(struct device *d, const char *why)
{
	int delay = crashes_note(&d->crashes, now_ms());
	struct err e;

	if (delay < 0) {
		err_set(&e, EPIPE,
			"its worker has died %d times within %d seconds and is "
			"not started again; the last time, %s",
			CRASHES_MAX, CRASHES_WINDOW_MS / 1000, why);
		device_give_up(d, &e);
		return;
	}
	log_warn("%s: %s; starting another", d->log_name, why);
	start_timer(d->revive, (unsigned int)delay);
}

void device_lacks(struct device *d, const struct err *why)
{
	unsigned int limit_s = PATIENCE * d->env->worker_timeout_s;
	int pause = shortage_note(&d->shortage, now_ms(), limit_s * 1000ULL);
	struct err e;

	if (pause < 0) {
		err_set(&e, why->code,
			"what a worker takes has been lacking for %u seconds; "
			"the last time, %s",
			limit_s, why->text);
		device_give_up(d, &e);
		return;
	}
	if (d->shortage.tries == 1)
		log_warn("%s: %s; trying again", d->log_name, why->text);
	start_timer(d->revive, (unsigned int)pause);
}

static void device_resume(struct device *d)
{
	int fds[DEVICE_FDS] = {[0 ... DEVICE_FDS - 1] = -1};
	struct err e;
	union msg m;
	int rc = d->kind->resume(d, &m, fds, &e);

	if (rc == 0)
		rc = device_send_start(d, &m, fds, &e);
	else
		device_close_fds(fds);
	if (rc == -EAGAIN) {
		if (!d->waiting)
			log_info("%s: waiting: %s", d->log_name, e.text);
		d->waiting = true;
		start_timer(d->revive, RESUME_MS);
	} else if (rc < 0 && shortage_is(-rc)) {
		device_lacks(d, &e);
	} else if (rc < 0) {
		device_give_up(d, &e);
	}
}

void device_revive(struct device *d)
{
	struct err e;

	if (d->fate == FATE_REMOVE || d->fate == FATE_END)
		device_step(d);
	if (!device_may_stay(d))
		return;
	if (d->phase == PHASE_NONE && device_start_worker(d, &e) < 0)
		device_lacks(d, &e);
	else if (d->phase == PHASE_READY && d->generation &&
		 !device_renewal_is_due(d))
		device_resume(d);
	else if (d->phase == PHASE_READY && d->shortage.tries)
		device_step(d);
}

void device_forget_connection(struct device *d)
{
	d->generation = 0;
	d->waiting = false;
	d->shortage.tries = 0;
	evtimer_del(d->revive);
	if (d->kind->forget)
		d->kind->forget(d);
	device_go_on_renewing(d);
}

int device_send_start(struct device *d, const union msg *m, int *fds,
		      struct err *e)
{
	unsigned int n = 0;
	int rc = 0;

	while (n < DEVICE_FDS && fds[n] >= 0)
		n++;
	if (d->kind->say_terms && d->kind->say_terms(d, e) < 0)
		rc = -e->code;
	else
		rc = process_send(d->worker, m, fds, n);
	device_close_fds(fds);
	/* Without a channel it is about to end, and is replaced then. */
	if (rc < 0 && rc != -EPIPE)
		return err_errno(e, -rc, "its worker cannot be reached");
	if (rc == 0) {
		process_await(d->worker, d->env->worker_timeout_s);
		d->phase = PHASE_STARTED;
		d->generation++;
		d->waiting = false;
		d->shortage.tries = 0;
	}
	return 0;
}

void device_close_fds(int *fds)
{
	unsigned int i;

	for (i = 0; i < DEVICE_FDS; i++)
		fd_drop(&fds[i]);
}

/* ---- what it says ---- */

bool device_is_coming(const struct device *d)
{
	return d->phase == PHASE_STARTING || d->phase == PHASE_OPENING;
}

void device_opened(struct device *d)
{
	if (d->phase != PHASE_OPENING)
		return;
	d->phase = PHASE_READY;
	d->came_up = true;
	if (device_is_ready(d))
		device_answer_ready(d, NULL);
	device_revive(d);
}

static void on_serving(struct device *d)
{
	struct xs_plan *plan;

	d->phase = PHASE_SERVING;
	if (d->generation > 1)
		log_info("%s: served again", d->log_name);
	/* Unless it was told to close meanwhile. */
	if (d->ours == XenbusStateInitWait) {
		plan = plan_new();
		d->kind->plan_connected(d, plan);
		device_set_state(d, XenbusStateConnected, plan);
	}
	device_go_on_renewing(d);
}

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct device *d = arg;
	struct err e;

	(void)fds;
	(void)n;
	process_await(d->worker, 0);
	if (m->head.type == MSG_READY && d->phase == PHASE_STARTING) {
		d->phase = PHASE_OPENING;
		if (d->kind->open)
			d->kind->open(d);
		else
			device_opened(d);
	} else if (d->kind->message && d->kind->message(d, m)) {
		/* It knows what to do. */
	} else if (m->head.type == d->kind->serving &&
		   d->phase == PHASE_STARTED) {
		on_serving(d);
	} else if (m->head.type == MSG_FAILED) {
		err_set(&e, (int)m->failed.code, "%s", m->failed.text);
		if (!device_undo_renewal(d, &e))
			device_fail(d, &e);
	} else if (d->phase != PHASE_STOPPING) {
		log_warn("%s: unexpected message %s", d->log_name,
			 msg_name(m->head.type));
	}
	device_step(d);
}

/* A guest that closes and opens all the time must wait for its turn. */
static void device_pause(struct device *d)
{
	uint64_t age = now_ms() - d->worker_since_ms;

	if (age < WORKER_PAUSE_MS)
		start_timer(d->retry, WORKER_PAUSE_MS - (unsigned int)age);
}

/*
 * Nothing is mapped any more of a front end that was Closed: so are we, even if
 * it has begun anew meanwhile, for it need not have waited until it hears of
 * that. To one that has not let go nothing is said: its rings would be taken up
 * again as new ones.
 */
static void device_let_go(struct device *d)
{
	const bool closing = d->closing;

	d->closing = false;
	if (closing && (d->fate == FATE_STAY || d->fate == FATE_DETACH))
		device_set_state(d, XenbusStateClosed, plan_new());
}

static void on_worker_exit(const char *why, void *arg)
{
	struct device *d = arg;
	bool expected = d->phase == PHASE_STOPPING;
	bool renew = expected && d->renewing && device_may_stay(d);
	bool mend = !expected && device_needs_worker(d);
	struct err e;

	process_free(d->worker);
	d->worker = NULL;
	d->phase = PHASE_NONE;
	d->renewing = false;
	if (d->kind->worker_gone)
		d->kind->worker_gone(d);
	if (renew) {
		device_go_on_renewing(d);
		device_revive(d);
	} else if (expected) {
		device_forget_connection(d);
		device_pause(d);
		device_let_go(d);
	} else if (mend) {
		device_lost_worker(d, why);
	} else {
		err_set(&e, EPIPE, "%s", why);
		device_give_up(d, &e);
	}
	device_step(d);
}

static const struct process_ops worker_ops = {on_message, on_worker_exit};

static struct process *start_own(struct device *d, struct err *e)
{
	char domain[32], uuid[48], device[48], queues[24];
	const char *const args[] = {domain,
				    uuid,
				    device,
				    queues,
				    d->kind->word ? d->kind->word(d) : NULL,
				    NULL};

	snprintf(domain, sizeof(domain), ORPHAN_DOMAIN_ARG "%u", d->domid);
	snprintf(uuid, sizeof(uuid), ORPHAN_UUID_ARG "%s", d->uuid);
	snprintf(device, sizeof(device), "device=%s", d->name);
	snprintf(queues, sizeof(queues), "queues=%u", d->queues);
	return process_start(d->env->base, d->kind->program, args,
			     users_guest(d->env->worker_uids, d->domid),
			     &worker_ops, d, e);
}

int device_start_worker(struct device *d, struct err *e)
{
	const char *with = d->kind->shares ? d->kind->shares(d) : NULL;

	d->worker = with ? lodgings_start(d->env->lodgings, with, d->domid,
					  &worker_ops, d, e)
			 : start_own(d, e);
	if (!d->worker)
		return -e->code;
	process_await(d->worker, d->env->worker_timeout_s);
	d->phase = PHASE_STARTING;
	d->shortage.tries = 0;
	d->worker_since_ms = now_ms();
	return 0;
}

void device_replace_worker(struct device *d)
{
	d->renewing = true;
	d->phase = PHASE_STOPPING;
	process_stop(d->worker, WORKER_GRACE_MS);
}

bool device_worker_is_stopped(struct device *d)
{
	evtimer_del(d->revive);
	d->renewing = false;
	if (d->phase == PHASE_NONE)
		return true;
	if (d->phase != PHASE_STOPPING) {
		d->phase = PHASE_STOPPING;
		process_stop(d->worker, WORKER_GRACE_MS);
	}
	return false;
}

bool device_is_over(struct device *d)
{
	if (!device_worker_is_stopped(d))
		return false;
	if (!d->kind->lingers || !d->kind->lingers(d))
		return true;
	if (!d->lingers_since_ms)
		d->lingers_since_ms = now_ms();
	if (now_ms() - d->lingers_since_ms > WORKER_GRACE_MS) {
		log_warn("%s: its worker's I/O does not end", d->log_name);
		return true;
	}
	start_timer(d->revive, RESUME_MS);
	return false;
}
