/* SPDX-License-Identifier: MIT */
/*
 * The life of a device's classic hotplug script: it is run when the back end's
 * nodes are there, heard in what it writes in them, and run again before they
 * go. What the kinds of devices differ in is a struct script_use of theirs.
 */
#ifndef XN_DEVICE_SCRIPT_LIFE_H
#define XN_DEVICE_SCRIPT_LIFE_H

#include <stdbool.h>

struct device;
struct err;
struct script_life;
struct script_run;
struct xs_values;

struct script_use {
	const char *begin, *undo; /* the runs' verbs: "add" and "remove" */
	/*
	 * What such scripts may write under the back end's directory besides
	 * hotplug-status and hotplug-error, up to a NULL; or NULL.
	 */
	const char *const *keys;
	/* Adds to run what only this kind's are told. NULL: nothing. */
	void (*tell)(const struct device *d, struct script_run *run);
	/* Puts the device's name before the text of *e. Returns -e->code. */
	int (*blame)(const struct device *d, struct err *e);
	/*
	 * The script has said that all is well: takes what it has made from v,
	 * the values of keys. 0, or -errno with *e set, which names the device.
	 * NULL: there is nothing to take.
	 */
	int (*take)(struct device *d, const struct xs_values *v, struct err *e);
	/* Lets go of that, before the script undoes it. NULL as take. */
	void (*let_go)(struct device *d);
};

/*
 * use and path, the script's, are borrowed from what outlives d. The device
 * has nothing to serve until the script has been run. NULL with *e set.
 */
struct script_life *script_life_new(struct device *d,
				    const struct script_use *use,
				    const char *path, struct err *e);
/* What a script that still runs does is nobody's any more. NULL is fine. */
void script_life_free(struct script_life *s);

/*
 * device_kind's written: once its script has been run, the device is ready or
 * has failed. NULL is fine, here and below.
 */
void script_life_begin(struct script_life *s);

/*
 * device_kind's undone: what the kind has taken is let go of, and the script
 * has been run again if it ever was.
 */
bool script_life_undone(struct script_life *s);

#endif
