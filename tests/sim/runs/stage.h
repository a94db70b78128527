/* SPDX-License-Identifier: MIT */
/*
 * Where faults are tried: guest B lives on with its own disk and vif while
 * guest A goes through its life step by step, one of which meets the fault;
 * then everything that was promised is looked at.
 */
#ifndef XN_SIM_RUNS_STAGE_H
#define XN_SIM_RUNS_STAGE_H

#include <stdbool.h>

#include "base/err.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/world.h"

enum stage_step {
	STAGE_START = -1, /* xnd's own */
	STAGE_CREATE,
	STAGE_BOOT,
	STAGE_USE,
	STAGE_ASK,
	STAGE_ATTACH_DISK,
	STAGE_ATTACH_VIF,
	STAGE_DETACH_DISK,
	STAGE_DETACH_VIF,
	STAGE_USE_AGAIN, /* played whichever was the last step */
	STAGE_DESTROY,
	STAGE_STEPS,
};

struct stage {
	struct world *w; /* borrowed */
	struct actor a, b;
	char *bare;   /* owned: what there is without a guest */
	char *before; /* owned: and with B alone */
	char *quiet;  /* owned: and with B, whose xnd has stopped; NULL: it
			 has not */
};

/* Called after each step. */
typedef void stage_cb(enum stage_step step, void *arg);

struct outcome {
	char said[400];	  /* what A's first failed step heard; "" */
	char broken[400]; /* the promise that was broken; "" */
};

const char *stage_step_name(enum stage_step step);
/* A worker of which A and B have one each. */
bool stage_is_of_one_device(const char *program);

/*
 * xnd started, A come and gone, B at work. after hears of the steps of that;
 * may be NULL. 0 or -errno with *e set.
 */
int stage_open(struct stage *s, struct world *w, stage_cb *after, void *arg,
	       struct err *e);
/* The same again, whatever state things are in. */
int stage_reopen(struct stage *s, struct err *e);
/* Ends B and xnd. The promise that was broken is in *o. */
void stage_close(struct stage *s, struct outcome *o);

/*
 * A's life, up to that step and then its end; after a step that fails, its end
 * at once. after may be NULL.
 */
void stage_play(struct stage *s, enum stage_step last, struct outcome *o,
		stage_cb *after, void *arg);

/*
 * Everything promised: xnd lives, the client had clear answers, B goes on,
 * nothing is left of A, nobody complains. Tells in *o.
 */
void stage_judge(struct stage *s, struct outcome *o);

/*
 * After xnd's death: a new one starts, leaves B alone, and clears up behind A
 * and B once they are gone. The stage is whole again afterwards.
 */
void stage_succeed(struct stage *s, struct outcome *o);

/* ---- xnd's own start ---- */

/*
 * From here on xnd is started for each trial, and B is of an earlier one. 0 or
 * -errno with *e set: not all that should have ended with xnd has.
 */
int stage_stop(struct stage *s, struct err *e);
/*
 * xnd starts, or refuses with one clear line; A comes and goes; xnd stops.
 */
void stage_start(struct stage *s, struct outcome *o);
/* B goes on, and nothing else is left. */
void stage_judge_start(struct stage *s, struct outcome *o);

#endif
