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

#include "daemon/host/mac.h"

#define RECORD_DIR "/run/xn/domains"
/* Of vifs that a domain may have. */
#define RECORD_MACS_MAX 32

struct err;
struct records;

struct record {
	uint32_t domid; /* 0 while Xen has given none */
	/* It has run, so its end is its own; what was not is to be undone. */
	bool made;
	uint8_t macs[RECORD_MACS_MAX][MAC_BYTES];
	unsigned int n_macs;
};

/*
 * dir: an absolute path; it and its parent are made when they are not there.
 * NULL with *e set.
 */
struct records *records_open(const char *dir, struct err *e);
void records_close(struct records *r); /* NULL is fine */

/*
 * Whole or not at all, whenever this process is killed. 0 or -errno with *e
 * set.
 */
int record_write(struct records *r, const char *uuid,
		 const struct record *record, struct err *e);

/* Fine when there is none. */
void record_remove(struct records *r, const char *uuid);

/*
 * Calls cb for each record; one that is not understood is removed, with a
 * line in the log. 0 or -errno with *e set.
 */
typedef void record_cb(const char *uuid, const struct record *record,
		       void *arg);
int records_each(struct records *r, record_cb *cb, void *arg, struct err *e);

#endif
