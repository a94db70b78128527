/* SPDX-License-Identifier: MIT */
/*
 * xenstore without waiting for it: libxenstore blocks for a round trip a
 * call, so requests go to one thread that works through them in order and
 * answers into the loop. A second handle receives watch events in the loop.
 */
#ifndef XN_XS_XS_H
#define XN_XS_XS_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct event_base;
struct xs;
struct xs_job;
struct xs_plan;
struct xs_watch;

/* NULL with *e set. base is borrowed. */
struct xs *xs_new(struct event_base *base, struct err *e);

/* Works off what is queued, without calling back, and ends the thread. */
void xs_free(struct xs *xs);

/*
 * rc: 0 or -errno. Called in the loop, in the order in which the jobs were
 * queued, and never from within the call that queued the job.
 */
typedef void xs_done_cb(int rc, void *arg);

/*
 * Each queues a job. NULL when memory is out (done is not called). done may
 * be NULL. A job handle is valid until done is called or xs_forget.
 */
struct xs_job *xs_apply(struct xs *xs, struct xs_plan *plan /* taken */,
			xs_done_cb *done, void *arg);
struct xs_job *xs_introduce(struct xs *xs, uint32_t domid, uint64_t frame,
			    uint32_t port, xs_done_cb *done, void *arg);

/* The job is still done, but nobody is told. NULL is fine. */
void xs_forget(struct xs_job *job);

/* Values to be read at once (not in a transaction). */
struct xs_values;
typedef void xs_values_cb(const struct xs_values *values, void *arg);

struct xs_values *values_new(void);
void values_free(struct xs_values *v);
/* Asks for one more node, known by tag in the answer. */
void values_want(struct xs_values *v, const char *tag, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for the names below a node, with a blank between two of them. */
void values_want_names(struct xs_values *v, const char *tag, const char *path,
		       ...) __attribute__((format(printf, 3, 4)));

struct xs_job *xs_fetch(struct xs *xs, struct xs_values *v /* taken */,
			xs_values_cb *done, void *arg);

/*
 * NULL when there is no such node. Up to its first NUL byte. What a guest
 * wrote: read numbers with values_u32, escape before printing.
 */
const char *values_get(const struct xs_values *v, const char *tag);

/* Whether any of the nodes is there. */
bool values_any(const struct xs_values *v);

/* The tag of a node that reads text; NULL when none does. */
const char *values_find(const struct xs_values *v, const char *text);

/*
 * A decimal number up to max. 0; -ENOENT when the node is absent (*n then
 * keeps what it held); -EINVAL or -ERANGE as num_parse_u32.
 */
int values_u32(const struct xs_values *v, const char *tag, uint32_t max,
	       uint32_t *n);

/* As values_u32, of a front end's key that must be there; *e says so. */
int values_need_u32(const struct xs_values *v, const char *tag, uint32_t *n,
		    struct err *e);

/*
 * Calls cb in the loop whenever path or what is below it changes, and once to
 * begin with. NULL when memory is out. watch_free at any time, from cb too.
 */
typedef void xs_watch_cb(void *arg);
struct xs_watch *xs_watch_new(struct xs *xs, const char *path, xs_watch_cb *cb,
			      void *arg);
void xs_watch_free(struct xs_watch *w);

#endif
