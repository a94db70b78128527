/* SPDX-License-Identifier: MIT */
/*
 * A guest's connection to xenstored: the ring of xen/io/xs_wire.h. Every call
 * waits for its answer, and meanwhile only the guest's own ports are served.
 * Paths are made by format; one that does not begin with a slash is relative
 * to the guest's own directory. transaction: 0 for none.
 */
#ifndef XN_SIM_GUEST_STORE_H
#define XN_SIM_GUEST_STORE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct event_base;
struct events;
struct store;
struct store_watch;

/* Runs from the loop, never within a call. May drop any watch. */
typedef void store_cb(void *arg);

/* page: the shared one. events, base: borrowed. */
struct store *store_open(struct events *ev, struct event_base *base, void *page,
			 uint32_t port, struct err *e);
void store_close(struct store *s);
/* From now on every call is -EPIPE at once: for a guest that is no more. */
void store_hang_up(struct store *s);

/* The caller frees it. NULL with errno. */
char *store_read(struct store *s, uint32_t transaction, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* The decimal number in a node, or without one that is: otherwise. */
uint32_t store_read_u32(struct store *s, uint32_t otherwise, const char *path,
			...) __attribute__((format(printf, 3, 4)));

/*
 * The names in a directory, each with its NUL, one after the other; the
 * caller frees *names. How many bytes they are, or -errno.
 */
long store_list(struct store *s, uint32_t transaction, char **names,
		const char *path, ...) __attribute__((format(printf, 4, 5)));

/* 0 or -errno */
int store_write(struct store *s, uint32_t transaction, const char *value,
		const char *path, ...) __attribute__((format(printf, 4, 5)));
int store_write_u32(struct store *s, uint32_t transaction, uint32_t value,
		    const char *path, ...)
	__attribute__((format(printf, 4, 5)));
int store_remove(struct store *s, uint32_t transaction, const char *path, ...)
	__attribute__((format(printf, 3, 4)));

/* 0: it failed, with errno. */
uint32_t store_begin(struct store *s);
/* 0, -EAGAIN when it has to be done again, or -errno. */
int store_commit(struct store *s, uint32_t transaction);

/* cb runs once soon after, too. NULL with errno. */
struct store_watch *store_watch(struct store *s, store_cb *cb, void *arg,
				const char *path, ...)
	__attribute__((format(printf, 4, 5)));
/* NULL is fine. */
void store_unwatch(struct store_watch *w);

#endif
