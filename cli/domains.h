/* SPDX-License-Identifier: MIT */
/* Domains as xnd lists them: asked for, and made fit for printing. */
#ifndef XN_CLI_DOMAINS_H
#define XN_CLI_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

struct json;
struct rpc_client;

/*
 * The domains named (all when count is 0), in the order named, as one array
 * of copies. One that cannot be had is told of and left out, and *failed is
 * set. NULL when nothing could be asked. The caller frees it.
 */
struct json *domains_list(struct rpc_client *xnd, int count, char **names,
			  bool details, bool *failed);

/* Its name fit for a terminal, "(null)" when it has none. Returns out. */
char *domains_name(const struct json *domain, char *out, size_t size);

#endif
