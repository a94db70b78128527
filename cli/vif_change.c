/* SPDX-License-Identifier: MIT */
/* Reading the changes of a vif: the form is checked here, the sense by xnd. */
#include "cli/vif_change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/nearest.h"
#include "cli/rate.h"
#include "json/json.h"

static const char none[] = "0";

static int put_text(struct json *params, const char *key, const char *value,
		    struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "%s= has no value", key);
	json_set_string(params, key, value);
	return 0;
}

static int put_vlan(struct json *params, const char *key, const char *value,
		    struct err *e)
{
	if (strcmp(value, none) != 0)
		return put_text(params, key, value, e);
	json_set_string(params, key, "");
	return 0;
}

static int put_rate(struct json *params, const char *key, const char *value,
		    struct err *e)
{
	struct rate rate = {0, 1};

	if (strcmp(value, none) != 0 && rate_parse(value, &rate, e) < 0)
		return err_wrap(e, "%s=%s", key, value);
	json_set(params, key, rate_json(&rate));
	return 0;
}

static int put_carrier(struct json *params, const char *key, const char *value,
		       struct err *e)
{
	if (strcmp(value, "up") != 0 && strcmp(value, "down") != 0)
		return err_set(e, EINVAL, "%s=%s: must be up or down", key,
			       value);
	json_set_string(params, key, value);
	return 0;
}

static const struct {
	const char *name;
	int (*put)(struct json *params, const char *key, const char *value,
		   struct err *e);
} keys[] = {
	{"rate", put_rate},
	{"bridge", put_text},
	{"vlan", put_vlan},
	{"carrier", put_carrier},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int unknown(const char *key, struct err *e)
{
	struct nearest near = {.word = key};
	size_t i;

	for (i = 0; i < KEYS; i++)
		nearest_offer(&near, keys[i].name);
	if (near.best)
		return err_set(e, EINVAL, "unknown key %s; is %s meant?", key,
			       near.best);
	return err_set(e, EINVAL,
		       "unknown key %s; there are rate, bridge, vlan, carrier",
		       key);
}

int vif_change_read(const char *word, struct json *params, struct err *e)
{
	const char *equals = strchr(word, '=');
	char key[64];
	size_t i;

	if (!equals)
		return err_set(e, EINVAL, "\"%s\" is not KEY=VALUE", word);
	snprintf(key, sizeof(key), "%.*s", (int)(equals - word), word);
	for (i = 0; i < KEYS; i++) {
		if (strcmp(key, keys[i].name) != 0)
			continue;
		if (json_get(params, key))
			return err_set(e, EINVAL, "%s is given twice", key);
		return keys[i].put(params, key, equals + 1, e);
	}
	return unknown(key, e);
}
