/* SPDX-License-Identifier: MIT */
/* Reading caps. */
#include "cli/cap.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/nearest.h"
#include "json/json.h"

static int bad_value(struct err *e, const char *word, const char *must)
{
	return err_set(e, EINVAL, "%s: %s", word, must);
}

static int read_iops(const char *word, const char *value, uint64_t *n,
		     struct err *e)
{
	if (num_parse_u64(value, INT64_MAX, n) < 0)
		return bad_value(e, word,
				 "must be a number of requests a second, or 0 "
				 "for no cap");
	return 0;
}

/* Goes past word if it stands at *text. */
static void skip(const char **text, const char *word)
{
	if (strncmp(*text, word, strlen(word)) == 0)
		*text += strlen(word);
}

/* What stands behind the digits, as a power of two; -1: nothing that is known. */
static int unit_shift(const char *unit)
{
	static const char letters[] = "KMGT";
	const char *letter = *unit ? strchr(letters, *unit) : NULL;

	unit += letter != NULL;
	if (letter)
		skip(&unit, "i");
	skip(&unit, "B");
	skip(&unit, "/s");
	if (*unit)
		return -1;
	return letter ? 10 * (int)(letter - letters + 1) : 0;
}

static int read_bandwidth(const char *word, const char *value, uint64_t *n,
			  struct err *e)
{
	size_t length = strspn(value, "0123456789");
	int shift = unit_shift(value + length);
	char digits[24];

	snprintf(digits, sizeof(digits), "%.*s", (int)length, value);
	if (length >= sizeof(digits) || shift < 0 ||
	    num_parse_u64(digits, INT64_MAX >> shift, n) < 0)
		return bad_value(e, word,
				 "must be bytes a second, such as 500K, 20M or "
				 "1G, or 0 for no cap");
	*n <<= shift;
	return 0;
}

static const struct {
	const char *key;
	const char *param;
	int (*read)(const char *word, const char *value, uint64_t *n,
		    struct err *e);
} keys[] = {
	{"iops", "iops", read_iops},
	{"bandwidth", "bytes_per_second", read_bandwidth},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int unknown(const char *key, struct err *e)
{
	struct nearest near = {.word = key};
	size_t i;

	for (i = 0; i < KEYS; i++)
		nearest_offer(&near, keys[i].key);
	if (near.best)
		return err_set(e, EINVAL, "unknown key %s; is %s meant?", key,
			       near.best);
	return err_set(e, EINVAL, "unknown key %s; there are iops, bandwidth",
		       key);
}

int cap_read(const char *word, struct json *params, struct err *e)
{
	const char *equals = strchr(word, '=');
	char key[64];
	uint64_t n;
	size_t i;

	if (!equals)
		return err_set(e, EINVAL, "\"%s\" is not KEY=VALUE", word);
	snprintf(key, sizeof(key), "%.*s", (int)(equals - word), word);
	for (i = 0; i < KEYS; i++) {
		if (strcmp(key, keys[i].key) != 0)
			continue;
		if (json_get(params, keys[i].param))
			return err_set(e, EINVAL, "%s is given twice", key);
		if (keys[i].read(word, equals + 1, &n, e) < 0)
			return -e->code;
		json_set_int(params, keys[i].param, (int64_t)n);
		return 0;
	}
	return unknown(key, e);
}
