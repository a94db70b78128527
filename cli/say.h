/* SPDX-License-Identifier: MIT */
/* How xn speaks: errors in one line on stderr, data as text or JSON. */
#ifndef XN_CLI_SAY_H
#define XN_CLI_SAY_H

#include <stddef.h>

struct json;

/* What xn exits with. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_MISUSED = 2,
};

/*
 * "xn: …" and a newline on stderr, with what could steer a terminal escaped.
 * Returns EXIT_FAILED.
 */
int say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints v on stdout, indented, as JSON that cannot steer a terminal. Takes
 * v. Returns EXIT_OK, or EXIT_FAILED having said that memory is out.
 */
int say_json(struct json *v);

/*
 * Copies text into out, at most size - 1 bytes and a NUL, with control
 * characters, C1 ones too, as \xNN; other UTF-8 stays. Returns out.
 */
char *say_safely(const char *text, char *out, size_t size);

#endif
