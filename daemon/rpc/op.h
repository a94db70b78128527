/* SPDX-License-Identifier: MIT */
/*
 * The operations behind the methods of lib/rpc/method.h. Each takes a call
 * and ends it with an answer, now or later.
 */
#ifndef XN_RPC_OP_H
#define XN_RPC_OP_H

#include <stdbool.h>

struct call;
struct device;
struct domain;
struct err;
struct xnd;

typedef void op(struct xnd *x, struct call *c);

/* Carries out the method; for server_new. arg is the struct xnd. */
void op_dispatch(struct call *c, int method, void *arg);

/*
 * Checks that the call has no parameter but these (a NULL-terminated list).
 * 0 or -EINVAL with *e set.
 */
int op_params(const struct call *c, const char *const *allowed, struct err *e);

/* The text of a parameter that must be a string; NULL with *e set. */
const char *op_string(const struct call *c, const char *name, struct err *e);

/*
 * A parameter that is true or false, and false when absent. 0, or -EINVAL
 * with *e set.
 */
int op_flag(const struct call *c, const char *name, bool *flag, struct err *e);

/* "domain" as a text, whether given as a name or a number. As op_string. */
const char *op_domain_text(const struct call *c, char number[24],
			   struct err *e);

/* The domain of ours that "domain" names; NULL with *e set. */
struct domain *op_domain(struct xnd *x, const struct call *c, struct err *e);

/* The disk of d that "device" names, by vdev or number; NULL with *e set. */
struct device *op_disk(struct domain *d, const struct call *c, struct err *e);

/* The vif of d that "device" names, by number or MAC; likewise. */
struct device *op_vif(struct domain *d, const struct call *c, struct err *e);

/*
 * op_domain of one that is not on its way out, for a call that has only
 * "domain". When there is none the call is answered, and NULL returned.
 */
struct domain *op_only_domain(struct xnd *x, struct call *c);

op op_xnd_version, op_host_info;
op op_domain_create;
op op_domain_list, op_domain_destroy, op_domain_shutdown, op_domain_reboot,
	op_domain_wait, op_domain_pause, op_domain_unpause;
op op_console_attach;
op op_block_attach, op_block_detach, op_block_list, op_block_set,
	op_block_resize, op_block_insert, op_block_eject;
op op_network_attach, op_network_detach, op_network_list, op_network_set;

#endif
