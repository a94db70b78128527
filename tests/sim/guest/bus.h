/* SPDX-License-Identifier: MIT */
/* A front end's side of xenbus: two directories and two states. */
#ifndef XN_SIM_GUEST_BUS_H
#define XN_SIM_GUEST_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "xen/abi.h"

struct guest;
struct store_watch;

struct bus {
	struct guest *guest; /* borrowed */
	char front[64];	     /* "device/vbd/51712" */
	char back[128];	     /* "/local/domain/0/backend/…" */
	unsigned int ours;
	unsigned int theirs;
	struct store_watch *watch; /* owned: of theirs */
	/* When theirs may have changed; may be NULL. */
	void (*changed)(void *arg);
	void *arg;
	struct err breach; /* text "": none */
	bool blind;	   /* does not look at theirs, and waits for nothing */
};

/* kind: "vbd" or "vif". 0 or -errno with *e set. */
int bus_open(struct bus *b, struct guest *g, const char *kind, uint32_t devid,
	     struct err *e);
void bus_close(struct bus *b);

/* 0 or -errno */
int bus_set_state(struct bus *b, enum xenbus_state state);

/* One bit a state. */
#define BUS_IN(state) (1u << (state))
/*
 * Turns the loop until the back end's state is one of those. 0, or -ETIMEDOUT
 * with *e set.
 */
int bus_wait(struct bus *b, unsigned int states, unsigned int ms,
	     struct err *e);

/*
 * Brings both ends to where a handshake begins: the back end in InitWait and
 * we in Initialising. For a device that is closed, closing, or has not begun.
 */
int bus_begin(struct bus *b, struct err *e);
/* Both to Closed; we let go first, and then wait for the back end. */
int bus_end(struct bus *b, struct err *e);

/* A feature or figure that the back end has written, or 0. */
uint32_t bus_offer(struct bus *b, const char *key);

/* The back end has left Connected, or never came there. */
bool bus_is_refused(const struct bus *b);

/* 0, or -EPROTO with what the back end has broken. */
int bus_check(const struct bus *b, struct err *e);
/* The first breach is kept. */
void bus_blame(struct bus *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
