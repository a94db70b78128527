/* SPDX-License-Identifier: MIT */
/* Playing a script: every step is a line of TAP. */
#include "tests/sim/guest/script.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "tests/sim/guest/scene.h"

/*
 * The step itself, and then that all devices work, or can again. A device
 * that an earlier step has left unusable is the end of all: *stuck.
 */
static int step_run(struct scene *s, const struct step *step, bool *stuck,
		    struct err *e)
{
	int rc;

	if (!s->over && !*stuck && scene_connect(s, e) < 0) {
		err_wrap(e, "not tried");
		*stuck = true;
	}
	if (*stuck)
		return -EIO;
	rc = step->act(s, step, e);
	if (rc == 0 && !s->over &&
	    (scene_connect(s, e) < 0 || scene_check(s, e) < 0)) {
		err_wrap(e, "afterwards");
		rc = -EIO;
	}
	return rc;
}

/* True when the step did not fail. */
static bool step_report(size_t number, const struct step *step, int rc,
			const struct err *e)
{
	char why[sizeof(e->text) * 2];
	bool skipped = rc == -ENOTSUP;

	printf("%s %zu - %s", rc == 0 || skipped ? "ok" : "not ok", number,
	       step->says);
	if (rc < 0)
		text_escape(e->text, why, sizeof(why));
	if (skipped)
		printf(" # SKIP %s", why);
	else if (rc < 0)
		printf("\n# %s", why);
	printf("\n");
	fflush(stdout);
	return rc == 0 || skipped;
}

int script_play(const struct script *script, struct event_base *base,
		uint32_t domid, struct err *e)
{
	struct err why = {0};
	struct scene scene;
	bool stuck = false;
	int failed = 0;
	size_t i;

	if (scene_open(&scene, base, domid, e) < 0)
		return -e->code;
	scene.disk_want = script->want;
	scene.rests = script->rests;
	for (i = 0; i < script->n; i++) {
		int rc = step_run(&scene, &script->steps[i], &stuck, &why);

		if (!step_report(i + 1, &script->steps[i], rc, &why))
			failed++;
	}
	printf("1..%zu\n", script->n);
	scene_close(&scene);
	return failed;
}
