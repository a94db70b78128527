/* SPDX-License-Identifier: MIT */
/* What the linker puts in the place of the C library's functions. */
#include "tests/unit/starve.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

static unsigned int left;
static bool met;

void starve(unsigned int nth)
{
	left = nth;
	met = false;
}

bool starve_over(void)
{
	left = 0;
	return met;
}

static bool fails(void)
{
	if (left == 0 || --left > 0)
		return false;
	met = true;
	errno = ENOMEM;
	return true;
}

#define STARVED(type, name, no, params, args) \
	type __real_##name params;            \
	type __wrap_##name params;            \
	type __wrap_##name params             \
	{                                     \
		if (fails())                  \
			return no;            \
		return __real_##name args;    \
	}

STARVED(void *, malloc, NULL, (size_t size), (size))
STARVED(void *, calloc, NULL, (size_t n, size_t size), (n, size))
STARVED(void *, realloc, NULL, (void *old, size_t size), (old, size))
STARVED(void *, reallocarray, NULL, (void *old, size_t n, size_t size),
	(old, n, size))
STARVED(char *, strdup, NULL, (const char *s), (s))
STARVED(char *, strndup, NULL, (const char *s, size_t n), (s, n))
STARVED(int, vasprintf, -1, (char **out, const char *fmt, va_list args),
	(out, fmt, args))
