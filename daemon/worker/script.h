/* SPDX-License-Identifier: MIT */
/*
 * One run of a classic hotplug script: its output goes to the log line by
 * line, and if it does not end in time it is killed with all that it started.
 */
#ifndef XN_WORKER_SCRIPT_H
#define XN_WORKER_SCRIPT_H

struct err;
struct event_base;
struct script;

/* Where a script is that is given by name; as with xl. */
#define SCRIPT_DIR "/etc/xen/scripts"

/* How long a run may take, in seconds; as libxl's LIBXL_HOTPLUG_TIMEOUT. */
#define SCRIPT_LIMIT_S 40

#define SCRIPT_MORE    2

/* Of a script's environment. */
struct script_word {
	const char *name, *value; /* "vif", "vif3.0" */
};

/* What is run, and for what; borrowed while script_start runs. */
struct script_run {
	const char *path;     /* absolute */
	const char *verb;     /* "add", "remove", "online" or "offline" */
	const char *word;     /* a second argument, or NULL: "type_if=vif" */
	const char *log_name; /* "d3/xvdb" */
	const char *type;     /* XENBUS_TYPE: "vbd" */
	const char *node;     /* XENBUS_PATH: "backend/xnblk/3/51728" */
	struct script_word more[SCRIPT_MORE]; /* those with a value */
	unsigned int limit_s;
};

/* Whether there is such a script. 0 or -errno with *e naming it. */
int script_check(const char *path, struct err *e);

/*
 * e: NULL when it ended with status 0; else how it ended. Called once, from
 * the loop, and s may be freed in it.
 */
typedef void script_cb(const struct err *e, void *arg);

/* NULL with *e set. base and arg are borrowed. */
struct script *script_start(struct event_base *base,
			    const struct script_run *run, script_cb *done,
			    void *arg, struct err *e);

/*
 * What a run came to: ended is what its script_cb has heard; status and words
 * are the nodes hotplug-status and hotplug-error that it may have written, NULL
 * for none. 0, or -errno with *e set: in its words, if it has any.
 */
int script_verdict(const struct err *ended, const char *status,
		   const char *words, struct err *e);

/* Kills it with all of its process group: done follows. */
void script_kill(struct script *s);

/* Frees, without done: one that still runs runs on. NULL is fine. */
void script_free(struct script *s);

#endif
