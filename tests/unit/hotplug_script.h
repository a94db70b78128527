/* SPDX-License-Identifier: MIT */
/*
 * A hotplug script for tests of devices that have one. It is a shell's: it
 * notes how it was run, waits until it is told to go on, and ends as it is
 * told.
 */
#ifndef XN_TESTS_HOTPLUG_SCRIPT_H
#define XN_TESTS_HOTPLUG_SCRIPT_H

#include <sys/stat.h>

#include "tests/unit/scratch.h"

struct world;

/* How the scripts of a kind of device are to be run. */
struct hotplug_script {
	const char *name; /* "block-test" */
	const char *begin, *undo;
	const char *told; /* what it notes behind a verb: " vbd backend/… " */
	char path[SCRATCH_PATH_BYTES]; /* set by hotplug_write */
};

/* It appears with all of its content: who waits for it reads it at once. */
void hotplug_write_file(const char *name, const char *content, mode_t mode);

/* Writes the script, which has not been run yet. */
void hotplug_write(struct hotplug_script *s);

/* Attaches w's device, so far that its script runs. */
void hotplug_attach(const struct hotplug_script *s, struct world *w);

/* The first run, or the second one, ends with that status: a number. */
void hotplug_end_begin(const struct hotplug_script *s, const char *status);
void hotplug_end_undo(const struct hotplug_script *s, const char *status);

/* verbs: of the runs so far, a "+" for begin's and a "-" for undo's. */
void hotplug_assert_ran(const struct hotplug_script *s, const char *verbs);

/*
 * Each ends w, whose script runs for the first time (but in the last one). It
 * ends with status, and attaching fails for why:
 */
void hotplug_check_refused(const struct hotplug_script *s, struct world *w,
			   const char *status, const char *why);
/* The domain ends in the middle of it; or before. */
void hotplug_check_end_while(const struct hotplug_script *s, struct world *w);
void hotplug_check_end_before(const struct hotplug_script *s, struct world *w);

#endif
