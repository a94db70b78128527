/* SPDX-License-Identifier: MIT */
/*
 * Open vSwitch's client and a server that says what the test tells it to, in
 * one loop.
 */
#ifndef XN_UNIT_OVS_WORLD_H
#define XN_UNIT_OVS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/unit/fake_ovsdb.h"

#define UUID	 "01234567-89ab-cdef-0123-456789abcdef"
#define ROW	 "{\"_uuid\":[\"uuid\",\"" UUID "\"]}"
#define ROWS(x)	 "{\"rows\":[" x "]}"
#define FOUND(x) "[" ROWS(x) "," ROWS() "," ROWS() "]"

struct event_base;

struct world {
	struct event_base *base;
	struct fake_ovsdb server;
	struct ovs *ovs;
	unsigned int calls; /* of on_done */
	struct err e;	    /* of the last; text "" for well */
};

/* The ten seconds of a call that is made now are 50 ms. */
extern bool impatient;

/* For cmocka: *state is the world. */
int open_world(void **state);
int close_world(void **state);

/* An ovs_cb, whose arg is the world. */
void on_done(const struct err *e, void *arg);
void turn_until(struct world *w, unsigned int calls);
/* Of the last call. */
void assert_why(const struct world *w, int code, const char *why);

/* Asks for the bridge br0. */
struct ovs_call *has_bridge(struct world *w);

/* The server hears a transaction: its id. And says something. */
int64_t hear_id(struct world *w);
void say(struct world *w, const char *text);
void answer(struct world *w, int64_t id, const char *result);

#endif
