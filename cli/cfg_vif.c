/* SPDX-License-Identifier: MIT */
/* The vif grammar of xl-network-configuration(5). */
#include "cli/cfg_vif.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/nearest.h"
#include "cli/rate.h"
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

static int put_flag(struct json *vif, const char *key, const char *value,
		    struct err *e)
{
	uint32_t on;

	if (num_parse_u32(value, 1, &on))
		return err_set(e, EINVAL, "%s=%s: must be 0 or 1", key, value);
	json_set_bool(vif, key, on);
	return 0;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
					 : tolower((unsigned char)c) - 'a' + 10;
}

/* A byte in hexadecimal at *at, which is moved behind it; or -1. */
static int take_byte(const char **at)
{
	unsigned int byte = 0;
	const char *from = *at;

	for (; isxdigit((unsigned char)**at) && byte <= 0xff; ++*at)
		byte = byte * 16 + (unsigned int)hex_digit(**at);
	return *at > from && byte <= 0xff ? (int)byte : -1;
}

/* Six bytes; what stands between them is, as in xl, a matter of taste. */
static int put_mac(struct json *vif, const char *key, const char *value,
		   struct err *e)
{
	const char *at = value;
	int byte[6] = {0};
	char text[18];
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (i && (!*at || isalnum((unsigned char)*at++)))
			break;
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

static int put_gatewaydev(struct json *vif, const char *key, const char *value,
			  struct err *e)
{
	if (!*value)
		return err_set(e, EINVAL, "%s= has no value", key);
	json_set_string(vif, "gatewaydev", value);
	return 0;
}

/* Addresses with blanks between them. */
static int put_ip(struct json *vif, const char *key, const char *value,
		  struct err *e)
{
	scoped_str copy = strdup(value);
	char *rest = copy, *word;
	struct json *ip;

	if (!copy)
		return err_set(e, ENOMEM, "out of memory");
	ip = json_new_array();
	while ((word = strsep(&rest, " \t")))
		if (*word)
			json_push(ip, json_new_string(word));
	if (!json_count(ip)) {
		json_free(ip);
		return err_set(e, EINVAL, "%s= has no value", key);
	}
	json_set(vif, key, ip);
	return 0;
}

static int put_rate(struct json *vif, const char *key, const char *value,
		    struct err *e)
{
	struct rate rate;

	if (rate_parse(value, &rate, e) < 0)
		return err_wrap(e, "%s=%s", key, value);
	json_set(vif, key, rate_json(&rate));
	return 0;
}

static int check_backend(struct json *vif, const char *key, const char *value,
			 struct err *e)
{
	(void)vif;
	if (strcmp(value, "0") == 0 || strcmp(value, "Domain-0") == 0)
		return 0;
	return err_set(e, ENOTSUP,
		       "not supported by xn yet: %s=%s; dom0 serves all vifs",
		       key, value);
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

/* As in xl, nothing to a PV guest: cfg_vif_note may say so. */
static int pass_over(struct json *vif, const char *key, const char *value,
		     struct err *e)
{
	(void)vif;
	(void)key;
	(void)value;
	(void)e;
	return 0;
}

/*
 * put NULL: a key of xl's that xn refuses. note: what to tell who uses it,
 * though it is taken; or NULL.
 */
static const struct {
	const char *name;
	int (*put)(struct json *vif, const char *key, const char *value,
		   struct err *e);
	const char *note;
} keys[] = {
	{"mac", put_mac, NULL},
	{"bridge", put_text, NULL},
	{"gatewaydev", put_gatewaydev, NULL},
	{"netdev", put_gatewaydev, "netdev= is deprecated: say gatewaydev="},
	{"vifname", put_text, NULL},
	{"script", put_text, NULL},
	{"ip", put_ip, NULL},
	{"rate", put_rate, NULL},
	{"vlan", put_text, NULL},
	{"mtu", put_number, NULL},
	{"devid", put_number, NULL},
	{"carrier", put_text, NULL},
	{"direct", put_flag, NULL},
	{"type", check_type, NULL},
	{"model", pass_over, NULL},
	{"accel", pass_over, "accel= is not supported, and ignored"},
	{"backend", check_backend, NULL},
	{"forwarddev", NULL, NULL},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int unknown(const char *word, struct err *e)
{
	struct nearest near = {.word = word};
	size_t i;

	for (i = 0; i < KEYS; i++)
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
	for (i = 0; i < KEYS; i++) {
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

	if (strcmp(word, "trusted") == 0 || strcmp(word, "untrusted") == 0) {
		json_set_bool(vif, "trusted", word[0] == 't');
		return 0;
	}
	if (!equals)
		return err_set(e, EINVAL, "\"%s\" is not KEY=VALUE", word);
	*equals = '\0';
	return put(vif, trim(word), trim(equals + 1), e);
}

/* Of one word, which is cut up. */
static const char *note_of(char *word)
{
	char *equals = strchr(word, '=');
	size_t i;

	if (!equals)
		return NULL;
	*equals = '\0';
	word = trim(word);
	for (i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, word) == 0)
			return keys[i].note;
	return NULL;
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

const char *cfg_vif_note(const char *spec)
{
	scoped_str copy = strdup(spec);
	char *rest = copy, *word;
	const char *note = NULL;

	while (!note && (word = strsep(&rest, ",")))
		note = note_of(word);
	return note;
}
