/* SPDX-License-Identifier: MIT */
/* The birth of a domain. */
#ifndef XN_DOMAIN_CREATE_H
#define XN_DOMAIN_CREATE_H

#include <stdbool.h>

struct domain;
struct domain_config;
struct err;
struct json;
struct xnd;

struct creation_ops {
	/* How far it has come, in words. */
	void (*progress)(const char *text, void *arg);
	/*
	 * Once, from the loop: the domain, alive or paused; or NULL and why,
	 * when everything is undone.
	 */
	void (*done)(struct domain *d, const struct err *e, void *arg);
};

/*
 * Begins to make a domain from the "config" of domain.create (borrowed), to
 * be left paused or not. ops and arg are borrowed until done. NULL with *e set
 * when it is refused at once: done is not called then.
 */
struct domain *domain_create(struct xnd *x, const struct json *config,
			     bool paused, const struct creation_ops *ops,
			     void *arg, struct err *e);

/* The one who asked has gone: what is not unpaused yet is undone. */
void domain_create_abandon(struct domain *d);

/* A step of the creation failed. Undoes it all. For end.c and death.c too. */
void domain_create_fail(struct domain *d, const struct err *e);

/* For end.c: everything is undone, and d is about to be freed. */
void domain_create_undone(struct domain *d);

/*
 * All that domain_create would refuse at once, without doing it: *c is filled
 * and the caller's to clear. 0 or -errno with *e set.
 */
int domain_create_dry(struct xnd *x, const struct json *config,
		      struct domain_config *c, struct err *e);

#endif
