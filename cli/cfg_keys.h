/* SPDX-License-Identifier: MIT */
/*
 * Every key of xl.cfg(5), and what xn makes of it: used, of no effect, or
 * refused because a guest without it would not be what was asked for.
 */
#ifndef XN_CLI_CFG_KEYS_H
#define XN_CLI_CFG_KEYS_H

enum cfg_key_use {
	CFG_KEY_USED,
	CFG_KEY_IGNORED, /* a warning */
	CFG_KEY_REFUSED, /* an error, unless its value asks for nothing */
};

struct cfg_key {
	const char *name;
	enum cfg_key_use use;
	const char *note; /* of an ignored key: why; of a refused one: what
			     to do instead; or NULL */
};

/* NULL when xl knows no such key. */
const struct cfg_key *cfg_key_find(const char *name);

/* The known key most like name, or NULL. */
const char *cfg_key_nearest(const char *name);

/* The table, ended by a NULL name. */
extern const struct cfg_key cfg_keys[];

#endif
