/* SPDX-License-Identifier: MIT */
/*
 * Which domains are xnd's, kept where a later xnd finds it: a file a domain,
 * named by its UUID, written before Xen is asked for the domain and removed
 * when nothing of it is left. It lives in /run, as domains do: neither
 * survives the host.
 */
#ifndef XN_HOST_RECORD_H
#define XN_HOST_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#define RECORD_DIR "/run/xn/domains"

struct err;
struct records;

/*
 * dir: an absolute path; it and its parent are made when they are not there.
 * NULL with *e set.
 */
struct records *records_open(const char *dir, struct err *e);
void records_close(struct records *r); /* NULL is fine */

/*
 * domid: 0 while Xen has given none. made: it has run, so its end is its own
 * affair; what was not made is to be undone. Whole or not at all, whenever
 * this process is killed. 0 or -errno with *e set.
 */
int record_write(struct records *r, const char *uuid, uint32_t domid, bool made,
		 struct err *e);

/* Fine when there is none. */
void record_remove(struct records *r, const char *uuid);

/*
 * Calls cb for each record; one that is not understood is removed, with a
 * line in the log. 0 or -errno with *e set.
 */
typedef void record_cb(const char *uuid, uint32_t domid, bool made, void *arg);
int records_each(struct records *r, record_cb *cb, void *arg, struct err *e);

#endif
