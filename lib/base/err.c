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
	size_t used;

	if (!e)
		return -code;
	va_start(args, fmt);
	err_vset(e, code, fmt, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s",
		 strerror(code));
	return -code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char was[sizeof(e->text)];
	va_list args;
	size_t used;

	if (!e)
		return -EIO;
	memcpy(was, e->text, sizeof(was));
	va_start(args, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s", was);
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
