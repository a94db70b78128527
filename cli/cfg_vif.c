/* SPDX-License-Identifier: MIT */
/* The vif grammar of xl-network-configuration(5). */
#include "cli/cfg_vif.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/nearest.h"
#include "json/json.h"

static int put_text(struct json *vif, const char *key, const char *value,
		    struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "%s= has no value", key);
	json_set_string(vif, key, value);
	return 0;
}

static int put_number(struct json *vif, const char *key, const char *value,
		      struct err *e)
{
	uint32_t n;

	if (num_parse_u32(value, 65535, &n))
		return err_set(e, EINVAL, "%s=%s: must be a number up to 65535",
			       key, value);
	json_set_int(vif, key, n);
	return 0;
}

/* One or two hexadecimal digits at *at, which is moved behind them; or -1. */
static int take_byte(const char **at)
{
	char digits[3] = "";
	size_t n;

	for (n = 0; n < 2 && isxdigit((unsigned char)**at); n++)
		digits[n] = *(*at)++;
	return n ? (int)strtoul(digits, NULL, 16) : -1;
}

static int put_mac(struct json *vif, const char *key, const char *value,
		   struct err *e)
{
	const char *at = value;
	int byte[6] = {0};
	char text[18];
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (i && *at != ':' && *at != '-')
			break;
		if (i)
			at++;
		byte[i] = take_byte(&at);
		if (byte[i] < 0)
			break;
	}
	if (i < 6 || *at)
		return err_set(e, EINVAL,
			       "%s=%s: must be six bytes such as "
			       "00:16:3e:01:02:03",
			       key, value);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
		 byte[0] & 0xff, byte[1] & 0xff, byte[2] & 0xff, byte[3] & 0xff,
		 byte[4] & 0xff, byte[5] & 0xff);
	json_set_string(vif, key, text);
	return 0;
}

static int check_type(struct json *vif, const char *key, const char *value,
		      struct err *e)
{
	(void)vif;
	if (strcmp(value, "vif") == 0)
		return 0;
	if (strcmp(value, "ioemu") == 0)
		return err_set(e, ENOTSUP,
			       "%s=ioemu: only an HVM guest has an emulated "
			       "card; say %s=vif",
			       key, key);
	return err_set(e, EINVAL, "%s=%s: must be vif", key, value);
}

/* The model of an emulated card: as in xl, nothing to a PV guest. */
static int pass_over(struct json *vif, const char *key, const char *value,
		     struct err *e)
{
	(void)vif;
	(void)key;
	(void)value;
	(void)e;
	return 0;
}

/* put NULL: a key of xl's that xn refuses. */
static const struct {
	const char *name;
	int (*put)(struct json *vif, const char *key, const char *value,
		   struct err *e);
} keys[] = {
	{"mac", put_mac},     {"bridge", put_text},  {"vifname", put_text},
	{"mtu", put_number},  {"devid", put_number}, {"type", check_type},
	{"model", pass_over}, {"script", NULL},	     {"ip", NULL},
	{"rate", NULL},	      {"vlan", NULL},	     {"gatewaydev", NULL},
	{"netdev", NULL},     {"backend", NULL},     {"accel", NULL},
	{"forwarddev", NULL},
};

static int unknown(const char *word, struct err *e)
{
	struct nearest near = {.word = word};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		nearest_offer(&near, keys[i].name);
	if (near.best)
		return err_set(e, EINVAL, "unknown key %s; is %s meant?", word,
			       near.best);
	return err_set(e, EINVAL, "unknown key %s", word);
}

static int put(struct json *vif, const char *key, const char *value,
	       struct err *e)
{
	size_t i;

	if (text_begins(key, "colo_"))
		return err_set(e, ENOTSUP, "not supported by xn yet: %s=", key);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, key) != 0)
			continue;
		if (!keys[i].put)
			return err_set(e, ENOTSUP,
				       "not supported by xn yet: %s=", key);
		return keys[i].put(vif, key, value, e);
	}
	return unknown(key, e);
}

/* Cuts the blanks off both ends, in place. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text + strspn(text, " \t");
}

/* word is cut up. */
static int parse_word(struct json *vif, char *word, struct err *e)
{
	char *equals = strchr(word, '=');

	if (strcmp(word, "trusted") == 0)
		return 0; /* the default */
	if (strcmp(word, "untrusted") == 0)
		return err_set(e, ENOTSUP,
			       "not supported by xn yet: untrusted");
	if (!equals)
		return err_set(e, EINVAL, "\"%s\" is not KEY=VALUE", word);
	*equals = '\0';
	return put(vif, trim(word), trim(equals + 1), e);
}

static int parse_spec(struct json *vif, const char *spec, struct err *e)
{
	scoped_str copy = strdup(spec);
	char *rest = copy, *word;
	int rc = 0;

	if (!copy)
		return err_set(e, ENOMEM, "out of memory");
	while (rc == 0 && (word = strsep(&rest, ","))) {
		word = trim(word);
		if (*word)
			rc = parse_word(vif, word, e);
	}
	return rc;
}

struct json *cfg_vif_parse(size_t count, const char *const *specs,
			   struct err *e)
{
	struct json *vif = json_new_object();
	size_t i;

	if (!vif)
		err_set(e, ENOMEM, "out of memory");
	for (i = 0; vif && i < count; i++) {
		if (parse_spec(vif, specs[i], e)) {
			json_free(vif);
			return NULL;
		}
	}
	return vif;
}
