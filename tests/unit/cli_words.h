/* SPDX-License-Identifier: MIT */
/* Words at the command line, and what they come to in a call's parameters. */
#ifndef XN_TESTS_CLI_WORDS_H
#define XN_TESTS_CLI_WORDS_H

struct err;
struct json;

/*
 * Has read set each of words, up to a NULL or the first that it refuses. Fails
 * the test unless the parameters are result, in JSON, or the error holds it.
 */
void cli_words_check(int (*read)(const char *word, struct json *params,
				 struct err *e),
		     const char *const *words, const char *result);

#endif
