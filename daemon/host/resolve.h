/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a host by its name, as every other program of this host
 * finds them (getaddrinfo(3), with nsswitch.conf and all), which may take as
 * long as it likes: a thread asks, and the loop hears.
 */
#ifndef XN_HOST_RESOLVE_H
#define XN_HOST_RESOLVE_H

struct addrinfo;
struct err;
struct event_base;
struct resolve;

/*
 * found: stream addresses, valid until resolve_free; NULL when there are none,
 * and then why says so. Called once, from the loop.
 */
typedef void resolve_cb(const struct addrinfo *found, const char *why,
			void *arg);

/* port: in digits. Everything is copied. NULL with *e set. */
struct resolve *resolve_start(struct event_base *base, const char *host,
			      const char *port, resolve_cb *cb, void *arg,
			      struct err *e);

/* At any time; cb is not called afterwards. NULL is fine. */
void resolve_free(struct resolve *r);

#endif
