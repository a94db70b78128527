/* SPDX-License-Identifier: MIT */
/*
 * One domain that this daemon made, and finding it in the list of them. It is
 * born in create.c, watched in death.c and taken down in end.c.
 */
#ifndef XN_DOMAIN_DOMAIN_H
#define XN_DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "base/err.h"
#include "daemon/device/device.h"
#include "daemon/domain/config.h"

struct console;
struct creation;
struct xnd;
struct xs_job;

enum domain_state {
	DOMAIN_MAKING,
	DOMAIN_ALIVE,
	DOMAIN_OVER,   /* shut down, and preserved */
	DOMAIN_ENDING, /* being taken down */
};

LIST_HEAD(domain_list, domain);

/* Somebody who waits for a domain's end. e: NULL when nothing is left. */
typedef void domain_ended_cb(const struct err *e, void *arg);

struct domain_waiter {
	LIST_ENTRY(domain_waiter) link;
	domain_ended_cb *cb;
	void *arg;
};

struct domain {
	LIST_ENTRY(domain) link;
	struct xnd *xnd; /* borrowed */
	struct domain_config config;
	enum domain_state state;
	uint32_t domid;			     /* 0 while Xen has none */
	char log_name[DOMAIN_NAME_MAX + 16]; /* "d3/web" */
	uint8_t uuid[16];
	time_t started;

	uint32_t console_port; /* the guest's ends, unbound when made */
	uint32_t store_port;
	uint64_t console_frame;
	uint64_t store_frame;

	struct console *console; /* owned */
	char tty[64];
	char log[512];
	struct device_list devices;

	struct creation *creation; /* owned; while DOMAIN_MAKING */
	struct xs_job *job;	   /* the one write under way */
	bool restart;		   /* make it again once it has ended */
	unsigned int destroy_tries;
	unsigned int nodes_tries;
	bool undestroyed;   /* Xen may still have it */
	struct err trouble; /* the first thing wrong in its end */
	LIST_HEAD(, domain_waiter) waiters;
};

/* A new domain on the list, which takes what config owns. NULL: no memory. */
struct domain *domain_new(struct xnd *x, struct domain_config *config);

/* Takes it off the list and frees it: nothing may refer to it any more. */
void domain_free(struct domain *d);

/* The domain of that name, or (digits that are no name) of that domid. */
struct domain *domain_find(struct xnd *x, const char *name_or_domid);
struct domain *domain_find_domid(struct xnd *x, uint32_t domid);

/*
 * Records it for a later xnd, as it is now. made: as in struct record. 0 or
 * -errno with *e set.
 */
int domain_record(const struct domain *d, bool made, struct err *e);
/* A device of one that lives has come or gone. What fails is logged. */
void domain_record_again(const struct domain *d);

/* As its devices are to know it; borrows from d. */
struct device_owner domain_owner(const struct domain *d);

/* Any of our domains with a vif of this MAC, or NULL. */
struct domain *domain_find_mac(struct xnd *x, const uint8_t mac[6]);

struct device *domain_find_vbd(struct domain *d, uint32_t devid);
struct device *domain_find_vif(struct domain *d, uint32_t devid);

/* device_env's left: a restart does not bring back what was detached. */
void domain_device_left(const struct device *v, void *xnd);

/* cb is called once the domain has ended. 0 or -ENOMEM with *e set. */
int domain_wait(struct domain *d, domain_ended_cb *cb, void *arg,
		struct err *e);
#endif
