/* SPDX-License-Identifier: MIT */
/*
 * A configuration as written: keys and values with their places, from a file
 * and from "key=value" arguments. Nothing here knows what a key means.
 */
#ifndef XN_CLI_CFG_H
#define XN_CLI_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "cli/cfg_lex.h"

struct notes;

enum cfg_type {
	CFG_STRING,
	CFG_NUMBER, /* its digits as written, in text */
	CFG_LIST,
};

struct cfg_value {
	enum cfg_type type;
	struct cfg_pos pos;
	char *text;		  /* owned; NULL for a list */
	struct cfg_value **items; /* owned, of a list */
	size_t count;
};

/* A key stands once: what came later has replaced or extended it. */
struct cfg_setting {
	TAILQ_ENTRY(cfg_setting) link;
	char *key;		 /* owned */
	struct cfg_pos pos;	 /* of the key */
	struct cfg_value *value; /* owned */
	bool extended;		 /* += was used on it */
};

TAILQ_HEAD(cfg, cfg_setting);

/* NULL when memory is out. Settings keep the order of first mention. */
struct cfg *cfg_new(void);
void cfg_free(struct cfg *cfg);

/* NULL when the key is not set. */
const struct cfg_setting *cfg_find(const struct cfg *cfg, const char *key);

struct cfg_value *cfg_value_new(enum cfg_type type, const struct cfg_pos *pos);
void cfg_value_free(struct cfg_value *v);

/* Takes item, on failure too. False when memory is out. */
bool cfg_value_push(struct cfg_value *list, struct cfg_value *item);

/*
 * key = value, or key += value when add: that makes a longer string or list.
 * Takes value, on failure too. A key set twice in one source is warned of.
 */
void cfg_set(struct cfg *cfg, const struct cfg_pos *pos, const char *key,
	     bool add, struct cfg_value *value, struct notes *notes);

#endif
