/* SPDX-License-Identifier: MIT */
/*
 * One guest's console: its ring and port on one side; log, history, pty and
 * clients on the other. Output is taken as fast as the throttle lets it come,
 * whoever reads or does not. Input is read only while the guest has room, so
 * it waits with the one who typed it.
 */
#ifndef XN_CONSOLE_GUEST_H
#define XN_CONSOLE_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct err;
struct event_base;
struct evtchn;
struct guest;
struct msg_console_add;
struct xengntdev_handle;

LIST_HEAD(guest_list, guest);

/* What all guests share; borrowed by each. */
struct guest_host {
	struct event_base *base;
	struct evtchn *evtchn;
	struct xengntdev_handle *gnttab;
	/* The guest broke the protocol; its ring and port are let go already. */
	void (*on_failed)(struct guest *g, const struct err *e, void *arg);
	/* After guest_leave: nothing is left to be written; to be freed. */
	void (*on_left)(struct guest *g, void *arg);
	/*
	 * The kernel does not take a guest's port or page back: what is left of
	 * it goes with this process only, and holds the dead domain's memory.
	 */
	void (*on_stuck)(void *arg);
	void *arg;
};

/*
 * Maps the ring, binds the port and serves; g is put into list, borrowed.
 * Takes pty and log, on failure too. NULL with *e set.
 */
struct guest *guest_new(const struct guest_host *host, struct guest_list *list,
			const struct msg_console_add *add, int pty, int log,
			struct err *e);

uint32_t guest_domid(const struct guest *g);
struct guest *guest_find(struct guest_list *list, uint32_t domid);

/*
 * Takes *fd, a connected stream socket, and marks it taken. 0; or -errno with
 * *e set, and *fd is still the caller's unless it is marked.
 */
int guest_attach(struct guest *g, int *fd, struct err *e);

/* For each guest of the list: perhaps its pty has been opened. */
void guest_retry_ptys(struct guest_list *list);

/*
 * The domain is dead or dying: takes its last words from the ring, lets ring,
 * port and log go, moves g to the list of those that leave. Clients that have
 * not yet read all have a second to do so; then on_left (never from within
 * this call).
 */
void guest_leave(struct guest *g, struct guest_list *leaving);

/* Lets everything go, as it is. */
void guest_free(struct guest *g);

#endif
