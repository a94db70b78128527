/* SPDX-License-Identifier: MIT */
/*
 * One qemu-nbd that serves one image to one connection, and ends with it: so
 * it needs no name in any file system, it follows the worker that it serves
 * into the grave even when no xnd is left to see to that, and once it has
 * ended nothing that was asked of it is still under way in it.
 */
#ifndef XN_WORKER_NBD_SERVER_H
#define XN_WORKER_NBD_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct event_base;
struct nbd_server;

/* What it is to serve; borrowed for the call. */
struct nbd_serve {
	const char *program; /* qemu-nbd: an absolute path */
	const char *dir;     /* a folder of ours, for the moment of the start */
	const char *format;  /* as QEMU calls it: what is not that is refused */
	const char *path;    /* the image's, absolute */
	bool read_only;
	bool direct;   /* O_DIRECT suits the file */
	bool discards; /* the guest's reach the image */
	int lock;      /* held open until it ends, or -1; stays the caller's */
	const char *log_name; /* of whose disk */
};

/*
 * It has ended and is reaped. failed: not because its connection did, or it
 * was told to; why: in its own words, if it had any. Called once; the
 * nbd_server may be freed in it.
 */
typedef void nbd_server_cb(bool failed, const char *why, void *arg);

/*
 * *connection: a socket to it (the caller's), on which it greets once it has
 * opened the image. NULL with *e set.
 */
struct nbd_server *nbd_server_start(struct event_base *base,
				    const struct nbd_serve *what,
				    nbd_server_cb *cb, void *arg,
				    int *connection, struct err *e);

/*
 * Its connection has ended, or is to: it finishes what it was asked, writes
 * what it keeps in memory and ends; killed when that takes longer than ten
 * seconds. cb follows. May be repeated.
 */
void nbd_server_end(struct nbd_server *s);

/* Kills it if it still runs, and forgets it: no cb. NULL is fine. */
void nbd_server_free(struct nbd_server *s);

pid_t nbd_server_pid(const struct nbd_server *s);

#endif
