/* SPDX-License-Identifier: MIT */
/* Reading rates: the grammar of xl-network-configuration(5). */
#include "cli/rate.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "json/json.h"

#define INTERVAL_DEFAULT "50ms"

struct unit {
	const char *name;
	uint64_t times;
};

static const struct unit speeds[] = {
	{"b/s", 1},	      {"B/s", 1},	    {"Kb/s", 1000},
	{"KB/s", 1000},	      {"Mb/s", 1000000},    {"MB/s", 1000000},
	{"Gb/s", 1000000000}, {"GB/s", 1000000000}, {NULL, 0},
};

static const struct unit times[] = {
	{"", 1000000}, {"s", 1000000}, {"ms", 1000}, {"m", 1000},
	{"us", 1},     {"u", 1},       {NULL, 0},
};

/*
 * The number that text begins with, from 1 to what 32 bits hold, and the unit
 * that is all that follows. NULL: it is not so; *errnum says why.
 */
static const struct unit *read_number(const char *text,
				      const struct unit *units, uint64_t *n,
				      int *errnum)
{
	size_t length = strspn(text, "0123456789");
	char digits[64];

	while (units->name && strcmp(units->name, text + length) != 0)
		units++;
	*errnum = EINVAL;
	if (!length || !units->name)
		return NULL;
	*errnum = EOVERFLOW;
	snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
	if (length >= sizeof(digits) ||
	    num_parse_u64(digits, UINT32_MAX, n) < 0 || *n == 0)
		return NULL;
	return units;
}

static int read_speed(const char *text, uint64_t *bytes, struct err *e)
{
	const struct unit *unit;
	uint64_t n;
	int errnum;

	unit = read_number(text, speeds, &n, &errnum);
	if (!unit)
		return err_set(e, errnum,
			       errnum == EINVAL
				       ? "must be a speed such as 10Mb/s or "
					 "500KB/s@20ms"
				       : "must be a number from 1 to "
					 "4294967295, and its unit");
	*bytes = n * unit->times / (strchr(unit->name, 'b') ? 8 : 1);
	return 0;
}

static int read_interval(const char *text, uint32_t *us, struct err *e)
{
	const struct unit *unit;
	uint64_t n;
	int errnum;

	unit = read_number(text, times, &n, &errnum);
	if (!unit && errnum == EINVAL)
		return err_set(e, EINVAL,
			       "its interval must be such as 50ms, 100us or "
			       "1s");
	if (!unit || n * unit->times > UINT32_MAX)
		return err_set(e, EOVERFLOW,
			       "its interval must be from 1us to 4294s");
	*us = (uint32_t)(n * unit->times);
	return 0;
}

int rate_parse(const char *text, struct rate *rate, struct err *e)
{
	size_t length = strcspn(text, "@");
	const char *interval =
		text[length] ? text + length + 1 : INTERVAL_DEFAULT;
	char speed[64] = "";
	struct rate read;
	uint64_t bytes = 0;

	if (length < sizeof(speed))
		memcpy(speed, text, length);
	if (read_speed(speed, &bytes, e) < 0 ||
	    read_interval(interval, &read.interval, e) < 0)
		return -e->code;
	if (bytes > UINT64_MAX / read.interval)
		return err_set(e, EOVERFLOW,
			       "is more than an interval of %u us holds",
			       read.interval);
	read.bytes = bytes * read.interval / 1000000;
	if (!read.bytes)
		return err_set(e, EINVAL,
			       "is less than a byte in an interval of %u us",
			       read.interval);
	*rate = read;
	return 0;
}

struct json *rate_json(const struct rate *rate)
{
	struct json *v = json_new_object();

	json_set_int(v, "bytes", (int64_t)rate->bytes);
	json_set_int(v, "interval_us", rate->interval);
	return v;
}
