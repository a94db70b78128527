/* SPDX-License-Identifier: MIT */
/* The inside of a JSON value, for this folder alone. */
#ifndef XN_JSON_TREE_H
#define XN_JSON_TREE_H

#include "json/json.h"

struct json {
	enum json_type type;
	bool broken; /* an array or object that has lost a member */
	union {
		bool boolean;
		int64_t integer;
		double real;
		char *string; /* owned */
		struct {
			struct json **values; /* owned, each */
			char **keys;	      /* owned, each; objects only */
			size_t count;
			size_t room;
		} list;
	} u;
};

struct json *json_new(enum json_type type);

/* Takes key and value, on failure too. No look for a key of the same name. */
bool json_append(struct json *parent, char *key, struct json *value);

#endif
