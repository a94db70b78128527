/* SPDX-License-Identifier: MIT */
/*
 * A simulated guest: the memory, grants, ports and xenstore of a domain that
 * the toolstack has built, in the hands of this process. Many may live on one
 * event loop. Nothing here behaves by itself; see live.h for a guest that
 * does as a stock kernel would, and script.h for those that do not.
 */
#ifndef XN_SIM_GUEST_GUEST_H
#define XN_SIM_GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct event_base;
struct events;
struct grants;
struct sim_link;
struct store;

struct guest {
	uint32_t domid;
	struct event_base *base; /* borrowed */
	struct sim_link *link;	 /* owned, as are the next three */
	struct events *events;
	struct grants *grants;
	struct store *store;
	void *console_page; /* in its memory */
	uint32_t console_port;
	const char *command_line;
	struct guest_insides *insides; /* owned */
};

/* Waits a few seconds for the domain to be unpaused. NULL with *e set. */
struct guest *guest_boot(struct event_base *base, uint32_t domid,
			 struct err *e);

/*
 * The process lets go of the guest, without a word to anyone: what it granted
 * stays granted, its ports close. NULL is fine.
 */
void guest_free(struct guest *g);

/* SHUTDOWN_poweroff and so on: the domain does not run after it. */
int guest_shutdown(struct guest *g, unsigned int reason);
/* False when it is shut down or gone. */
bool guest_runs(const struct guest *g);

/* A zeroed page of the guest's memory; NULL when there is none left. */
void *guest_page_new(struct guest *g);
void guest_page_free(struct guest *g, void *page);
/* The machine's frame of such a page. */
uint64_t guest_page_frame(const struct guest *g, const void *page);

/*
 * Turns the loop until until(arg) is true. 0, or -ETIMEDOUT after ms
 * milliseconds. Not from within a callback.
 */
typedef bool guest_until(void *arg);
int guest_wait(struct guest *g, guest_until *until, void *arg, unsigned int ms);
/* Turns the loop for so long. */
void guest_rest(struct guest *g, unsigned int ms);

#endif
