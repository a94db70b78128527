/* SPDX-License-Identifier: MIT */
/*
 * The one xn-console process, and what xnd asks of it. When it dies it is
 * started again and given every console anew.
 */
#ifndef XN_WORKER_CONSOLES_H
#define XN_WORKER_CONSOLES_H

#include <stdbool.h>
#include <stdint.h>

struct console;
struct consoles;
struct err;
struct event_base;

/*
 * timeout_s: how long xn-console may take over one answer before it is killed
 * and whoever waits is told. worker_uids: the first user (users.h). NULL with
 * *e set. base is borrowed.
 */
struct consoles *consoles_new(struct event_base *base, unsigned int timeout_s,
			      uint32_t worker_uids, struct err *e);

/* Lets go of the process, which serves on. NULL is fine. */
void consoles_free(struct consoles *cs);

/* A console with its pty's master and its log: both taken, on failure too. */
struct console *console_new(struct consoles *cs, int pty, int log,
			    struct err *e);

/* e: NULL when it went well. */
typedef void console_cb(const struct err *e, void *arg);

/*
 * Begins to serve a domain's console: its unbound port, and the reference of
 * the page in its grant table. serving is called once, from the loop, when
 * the ring is mapped or with what failed. 0 or -errno with *e set.
 */
int console_serve(struct console *c, uint32_t domid, uint32_t port,
		  uint32_t ring_ref, console_cb *serving, void *arg,
		  struct err *e);

/*
 * Drains and forgets. True: removed (may be NULL) is called later, and c
 * is freed then. False: it was over at once and removed is not called. NULL
 * is fine.
 */
bool console_remove(struct console *c, void (*removed)(void *arg), void *arg);

/*
 * Passes a client's socket on; the kernel duplicates it. 0 or -errno with *e
 * set.
 */
int console_attach(struct console *c, int client, struct err *e);

#endif
