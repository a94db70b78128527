/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629): whether bytes are it, and making them so. */
#ifndef XN_BASE_UTF8_H
#define XN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Shortest forms only, no surrogates, at most U+10FFFF. */
bool utf8_valid(const char *text);

/*
 * A copy in which every byte that belongs to no well-formed sequence is
 * U+FFFD. The caller frees it. NULL when memory is out.
 */
char *utf8_mend(const char *text);

#endif
