/* SPDX-License-Identifier: MIT */
/*
 * The connection to ovsdb-server: JSON-RPC 1.0 as RFC 7047 section 4 has it,
 * values one after the other on a unix socket. It is made when somebody first
 * asks, and again when it was lost and somebody asks. For ovs.c alone.
 */
#ifndef XN_NET_OVS_WIRE_H
#define XN_NET_OVS_WIRE_H

#include <stdint.h>

struct err;
struct event_base;
struct json;
struct ovs_wire;

/* A longer one is refused: what we ask has short answers. */
#define OVS_WIRE_MESSAGE_BYTES (1024 * 1024)

/* Called from the loop. In them one may ask, but not free the wire. */
struct ovs_wire_events {
	/*
	 * result, borrowed, is that of a request: of one that was asked, or of
	 * none if the server lies. Or it is NULL, with *e set.
	 */
	void (*answered)(int64_t id, const struct json *result,
			 const struct err *e, void *arg);
	/* All that was asked stays without an answer. */
	void (*lost)(const struct err *e, void *arg);
};

/* base, socket, events and arg are borrowed. NULL with *e set. */
struct ovs_wire *ovs_wire_new(struct event_base *base, const char *socket,
			      const struct ovs_wire_events *events, void *arg,
			      struct err *e);
void ovs_wire_free(struct ovs_wire *w); /* NULL is fine */

/*
 * Calls method; takes params, on failure too. The request's id, over 0 and
 * never used before; or -errno with *e set, also when nobody listens.
 */
int64_t ovs_wire_ask(struct ovs_wire *w, const char *method,
		     struct json *params, struct err *e);

#endif
