/* SPDX-License-Identifier: MIT */
/* Runs of the command against a daemon with replies from a table. */
#ifndef XN_TESTS_CLI_ROWS_H
#define XN_TESTS_CLI_ROWS_H

#include <stddef.h>

/* In replies, %d is the request's id. */
#define OK(result) "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":" result "}\n"
#define NO(data, text)                                               \
	"{\"jsonrpc\":\"2.0\",\"id\":%d,\"error\":{\"code\":-32000," \
	"\"message\":\"" text "\",\"data\":{" data "}}}\n"

/*
 * out and err must hold these; NULL: must be empty. So must what it sends hold
 * sent, or (NULL) anything.
 */
struct cli_row {
	const char *args[8], *replies[4];
	int status;
	const char *out, *err, *sent;
};

/* Fails the test at the first that is not so. */
void cli_rows_run(const struct cli_row *rows, size_t n);

#endif
