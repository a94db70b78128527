/* SPDX-License-Identifier: MIT */
/* Making bytes of any origin into UTF-8, for this folder alone. */
#ifndef XN_JSON_UTF8_H
#define XN_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *text);

/*
 * A copy in which every byte that belongs to no well-formed sequence is
 * U+FFFD. The caller frees it. NULL when memory is out.
 */
char *utf8_mend(const char *text);

#endif
