/* SPDX-License-Identifier: MIT */
/* Building error texts: set at the leaf, wrapped once by each layer above. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void err_vset(struct err *e, int code, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

static void err_vset(struct err *e, int code, const char *fmt, va_list args)
{
	e->code = code;
	e->key[0] = '\0';
	vsnprintf(e->text, sizeof(e->text), fmt, args);
}

/* What a text keeps at least when the reason behind it is long. */
#define FRONT_BYTES 100

/*
 * Puts ": reason" behind the text, which is cut ("...") to make room: a long
 * path may lose its end, but what is wrong with it must be read.
 */
static void err_append(struct err *e, const char *reason)
{
	size_t used = strlen(e->text);
	size_t most = sizeof(e->text) - 1;
	size_t behind = strlen(reason) + 2;
	size_t front = FRONT_BYTES;

	if (behind + FRONT_BYTES < most)
		front = most - behind;
	if (used > front) {
		used = front;
		memcpy(e->text + used - 3, "...", 3);
	}
	snprintf(e->text + used, sizeof(e->text) - used, ": %s", reason);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return -code;
	va_start(args, fmt);
	err_vset(e, code, fmt, args);
	va_end(args);
	return -code;
}

int err_errno(struct err *e, int code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return -code;
	va_start(args, fmt);
	err_vset(e, code, fmt, args);
	va_end(args);
	err_append(e, strerror(code));
	return -code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char was[sizeof(e->text)];
	va_list args;

	if (!e)
		return -EIO;
	memcpy(was, e->text, sizeof(was));
	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	err_append(e, was);
	return -e->code;
}

int err_key(struct err *e, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return -EIO;
	va_start(args, fmt);
	vsnprintf(e->key, sizeof(e->key), fmt, args);
	va_end(args);
	return -e->code;
}

int err_key_in(struct err *e, const char *fmt, ...)
{
	char was[sizeof(e->key)];
	va_list args;
	int n;

	if (!e)
		return -EIO;
	if (!e->key[0])
		return -e->code;
	memcpy(was, e->key, sizeof(was));
	va_start(args, fmt);
	n = vsnprintf(e->key, sizeof(e->key), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(e->key))
		snprintf(e->key + n, sizeof(e->key) - (size_t)n, ".%s", was);
	return -e->code;
}
