/* SPDX-License-Identifier: MIT */
/* Small work on strings: made by format, made safe to print. */
#ifndef XN_BASE_TEXT_H
#define XN_BASE_TEXT_H

#include <stddef.h>

/* The caller frees what is returned. NULL when memory is out. */
char *text_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Copies text into out, at most size - 1 bytes and a NUL, with every byte
 * that is not printable ASCII as \xNN, and a backslash doubled. For whatever
 * a guest or a client wrote. Returns out.
 */
char *text_escape(const char *text, char *out, size_t size);

/* True when text begins with prefix. */
int text_begins(const char *text, const char *prefix);

#endif
