/* SPDX-License-Identifier: MIT */
/* A's life beside B's, and the promises. */
#include "tests/sim/runs/stage.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/scope.h"
#include "tests/sim/runs/remains.h"
#include "tests/sim/runs/sweep.h"

#define SETTLE_MS 3000
#define REST_MS	  20 /* for what nobody waits for */

static const struct {
	const char *name;
	int (*run)(struct actor *a, struct err *e);
} steps[STAGE_STEPS] = {
	[STAGE_CREATE] = {"create", actor_create},
	[STAGE_BOOT] = {"boot", actor_boot},
	[STAGE_USE] = {"use", actor_use},
	[STAGE_ASK] = {"ask", actor_ask},
	[STAGE_ATTACH_DISK] = {"attach disk", actor_attach_disk},
	[STAGE_ATTACH_VIF] = {"attach vif", actor_attach_vif},
	[STAGE_DETACH_DISK] = {"detach disk", actor_detach_disk},
	[STAGE_DETACH_VIF] = {"detach vif", actor_detach_vif},
	[STAGE_USE_AGAIN] = {"use again", actor_use},
	[STAGE_DESTROY] = {"destroy", actor_destroy},
};

const char *stage_step_name(enum stage_step step)
{
	return steps[step].name;
}

bool stage_is_of_one_device(const char *program)
{
	return strcmp(program, "xn-blk") == 0 || strcmp(program, "xn-net") == 0;
}

static void __attribute__((format(printf, 2, 3)))
broken(struct outcome *o, const char *fmt, ...)
{
	va_list args;

	if (o->broken[0])
		return;
	va_start(args, fmt);
	vsnprintf(o->broken, sizeof(o->broken), fmt, args);
	va_end(args);
}

/* ---- set and struck ---- */

static int stage_set_b(struct stage *s, struct err *e)
{
	if (actor_create(&s->b, e) < 0 || actor_boot(&s->b, e) < 0 ||
	    actor_use(&s->b, e) < 0)
		return -e->code;
	world_rest(s->w, REST_MS);
	free(s->before);
	s->before = remains_text(s->w);
	return 0;
}

static int stage_set(struct stage *s, stage_cb *after, void *arg, struct err *e)
{
	struct outcome o;

	if (xnd_start(s->w, NULL, e) < 0)
		return -e->code;
	free(remains_rest(s->w));
	if (after)
		after(STAGE_START, arg);
	/* The first guest leaves the directories that all share. */
	stage_play(s, STAGE_DETACH_VIF, &o, after, arg);
	if (o.said[0])
		return err_set(e, EIO, "%s", o.said);
	free(s->bare);
	s->bare = remains_rest(s->w);
	return stage_set_b(s, e);
}

int stage_open(struct stage *s, struct world *w, stage_cb *after, void *arg,
	       struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->w = w;
	actor_init(&s->a, w, 1);
	s->a.direct = 2; /* the one that comes later */
	actor_init(&s->b, w, 2);
	return stage_set(s, after, arg, e);
}

int stage_reopen(struct stage *s, struct err *e)
{
	bool stopped = s->quiet;
	int rc;

	actor_leave(&s->a);
	actor_leave(&s->b);
	xnd_stop(s->w);
	free(world_complaint(s->w));
	sweep_all(s->w);
	rc = stage_set(s, NULL, NULL, e);
	return rc == 0 && stopped ? stage_stop(s, e) : rc;
}

void stage_close(struct stage *s, struct outcome *o)
{
	struct err e;
	int status;

	memset(o, 0, sizeof(*o));
	if (s->quiet) {
		if (xnd_start(s->w, NULL, &e) < 0)
			broken(o, "the last xnd: %s", e.text);
		actor_leave(&s->b);
		sweep_domains(s->w);
	} else if (actor_destroy(&s->b, &e) < 0)
		broken(o, "B is not destroyed: %s", e.text);
	if (remains_settle(s->w, s->bare, SETTLE_MS, &e) < 0)
		broken(o, "%s", e.text);
	status = xnd_stop(s->w);
	if (status != 0)
		broken(o, "xnd stopped with 0x%x", status);
	actor_free(&s->a);
	actor_free(&s->b);
	free(s->bare);
	free(s->before);
	free(s->quiet);
}

/* ---- the play ---- */

/* Whoever waits for a front end may wait in vain, but no front end may. */
static bool is_hang(enum stage_step step, int code)
{
	return code == ETIMEDOUT && step != STAGE_CREATE &&
	       step != STAGE_DETACH_DISK && step != STAGE_DETACH_VIF &&
	       step != STAGE_DESTROY;
}

void stage_play(struct stage *s, enum stage_step last, struct outcome *o,
		stage_cb *after, void *arg)
{
	enum stage_step step;
	struct err ignored;
	struct err e;

	memset(o, 0, sizeof(*o));
	for (step = STAGE_CREATE; step < STAGE_STEPS; step++) {
		bool is_end = step == STAGE_DESTROY;

		if (!is_end && o->said[0])
			continue;
		if (step > last && step < STAGE_USE_AGAIN)
			continue;
		/* Nobody has connected its devices. */
		if (step == STAGE_USE_AGAIN && last == STAGE_CREATE)
			continue;
		/* What was never created needs no end. */
		if (is_end && (!s->a.domid || !s->w->xnd))
			continue;
		if (steps[step].run(&s->a, &e) < 0 && !o->said[0])
			snprintf(o->said, sizeof(o->said), "%s: %s",
				 steps[step].name, e.text);
		/*
		 * xnd may refuse for want of memory, and is asked again; or
		 * may have had none for the answer alone.
		 */
		if (is_end && e.code == ENOMEM)
			steps[step].run(&s->a, &e);
		else if (step == STAGE_CREATE && e.code == ENOMEM)
			actor_destroy(&s->a, &ignored);
		if (e.code == ENOTCONN && o->said[0])
			broken(o, "no answer: %s", o->said);
		if (o->said[0] && (e.code == ETIME || is_hang(step, e.code)))
			broken(o, "%s", o->said);
		e.code = 0;
		if (after)
			after(step, arg);
	}
	actor_leave(&s->a);
}

/* ---- the promises ---- */

static void judge_b(struct stage *s, struct outcome *o)
{
	struct err e;

	if (actor_use_disk(&s->b, s->b.disk, &e) < 0)
		broken(o, "B's disk: %s", e.text);
	else if (actor_use_vif(&s->b, s->b.vif, &e) < 0)
		broken(o, "B's vif: %s", e.text);
}

static void judge_log(struct stage *s, struct outcome *o)
{
	scoped_str complaint = world_complaint(s->w);

	if (complaint)
		broken(o, "%s", complaint);
}

void stage_judge(struct stage *s, struct outcome *o)
{
	struct err e;

	if (!xnd_lives(s->w)) {
		judge_log(s, o);
		broken(o, "xnd has died");
		return;
	}
	judge_b(s, o);
	if (remains_settle(s->w, s->before, SETTLE_MS, &e) < 0)
		broken(o, "%s", e.text);
	judge_log(s, o);
}

/* ---- after xnd's death ---- */

void stage_succeed(struct stage *s, struct outcome *o)
{
	double limit;
	int rc;
	struct err e;

	if (!xnd_wait_dead(s->w, SETTLE_MS))
		broken(o, "xnd lives on");
	actor_leave(&s->a);
	s->a.domid = 0;
	judge_b(s, o);
	if (xnd_start(s->w, NULL, &e) < 0) {
		broken(o, "its successor: %s", e.text);
		return;
	}
	world_rest(s->w, REST_MS);
	judge_b(s, o);
	actor_leave(&s->b);
	s->b.domid = 0;
	sweep_domains(s->w);
	if (remains_settle(s->w, s->bare, SETTLE_MS, &e) < 0)
		broken(o, "after its successor: %s", e.text);
	judge_log(s, o);
	if (o->broken[0])
		return;
	/* Refused while the old worker's last I/O is on its way. */
	limit = world_now() + SETTLE_MS / 1e3;
	while ((rc = stage_set_b(s, &e)) == -EBUSY && world_now() < limit)
		world_rest(s->w, REST_MS);
	if (rc < 0)
		broken(o, "its successor: %s", e.text);
}

/* ---- xnd's own start ---- */

/*
 * Its builders end after it: each has to see that their connection has ended,
 * and a sanitizer then looks for leaks, which on a busy machine takes longer
 * than a picture has to stand still. One with a builder in it is one that
 * nothing will ever be like again.
 */
int stage_stop(struct stage *s, struct err *e)
{
	int rc;

	xnd_stop(s->w);
	rc = remains_await_end(s->w, "xn-build", SETTLE_MS, e);
	free(s->quiet);
	s->quiet = remains_rest(s->w);
	return rc;
}

/* One line that begins with its name, before it ended with 1. */
static void judge_refusal(struct stage *s, int status, struct outcome *o)
{
	scoped_str said = world_said(s->w, "xnd: ");

	if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && said)
		snprintf(o->said, sizeof(o->said), "%s", said);
	else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		broken(o, "xnd ended with status 0x%x", status);
	else
		snprintf(o->said, sizeof(o->said), "xnd was killed");
}

/* Killed by the trial: the next one clears up behind it. */
static void judge_killed_start(struct stage *s, struct outcome *o)
{
	struct err e;

	if (!WIFSIGNALED(s->w->xnd_status) ||
	    WTERMSIG(s->w->xnd_status) != SIGKILL) {
		broken(o, "xnd died with status 0x%x", s->w->xnd_status);
		return;
	}
	o->broken[0] = '\0'; /* no answer is no surprise */
	if (s->a.domid)
		sweep_domain(s->a.domid);
	actor_leave(&s->a);
	s->a.domid = 0;
	if (xnd_start(s->w, NULL, &e) < 0)
		broken(o, "its successor: %s", e.text);
	world_rest(s->w, REST_MS);
}

void stage_start(struct stage *s, struct outcome *o)
{
	int status = 0;
	struct err e;

	memset(o, 0, sizeof(*o));
	if (xnd_start(s->w, &status, &e) < 0) {
		if (e.code == ECHILD)
			judge_refusal(s, status, o);
		else
			broken(o, "%s", e.text);
		return;
	}
	stage_play(s, STAGE_USE, o, NULL, NULL);
}

void stage_judge_start(struct stage *s, struct outcome *o)
{
	struct err e;
	int status;

	judge_b(s, o);
	/* Its sockets close a moment before it is seen to be dead. */
	if (s->w->xnd ? xnd_wait_dead(s->w, o->broken[0] ? 1000 : 0)
		      : WIFSIGNALED(s->w->xnd_status))
		judge_killed_start(s, o);
	if (s->w->xnd) {
		status = xnd_stop(s->w);
		if (status != 0)
			broken(o, "xnd stopped with 0x%x", status);
	}
	if (remains_settle(s->w, s->quiet, SETTLE_MS, &e) < 0)
		broken(o, "%s", e.text);
	judge_log(s, o);
}
