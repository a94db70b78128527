/* SPDX-License-Identifier: MIT */
/*
 * A server of JSON-RPC on a unix socket, in the test's own loop, that says
 * whatever the test wants it to.
 */
#ifndef XN_UNIT_FAKE_OVSDB_H
#define XN_UNIT_FAKE_OVSDB_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct json;

struct fake_ovsdb {
	struct event_base *base;
	char path[128];
	int listener;	      /* -1: nobody listens */
	int client;	      /* -1: nobody is connected */
	unsigned int clients; /* so far */
	char heard[8192];     /* what the client has said and is not taken */
	size_t n_heard;
};

/* Listens on a socket of that name in the scratch folder. */
void fake_ovsdb_open(struct fake_ovsdb *f, struct event_base *base,
		     const char *name);
void fake_ovsdb_close(struct fake_ovsdb *f);

/* Turns the loop until the client has said something: the caller frees it. */
struct json *fake_ovsdb_hear(struct fake_ovsdb *f);

/* Says it, as it is. */
void fake_ovsdb_say(struct fake_ovsdb *f, const char *text, size_t size);

void fake_ovsdb_hang_up(struct fake_ovsdb *f);

#endif
