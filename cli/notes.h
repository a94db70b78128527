/* SPDX-License-Identifier: MIT */
/*
 * What a person must be told about a configuration, collected while it is
 * read and printed once at the end: errors and warnings with their places.
 */
#ifndef XN_CLI_NOTES_H
#define XN_CLI_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cfg_lex.h"

struct note {
	bool error; /* or a warning */
	struct cfg_pos pos;
	char text[400];
};

struct notes {
	struct note *list; /* owned */
	size_t count;
	unsigned int errors;
};

/*
 * Zeroed to begin. pos->source must outlive the notes; a line of 0 means the
 * source as a whole.
 */
void notes_error(struct notes *n, const struct cfg_pos *pos, const char *fmt,
		 ...) __attribute__((format(printf, 3, 4)));
void notes_warn(struct notes *n, const struct cfg_pos *pos, const char *fmt,
		...) __attribute__((format(printf, 3, 4)));

/* "web.cfg:3:7: warning: …", one line a note, by place, on stderr. */
void notes_print(struct notes *n, bool with_warnings);

void notes_drop(struct notes *n);

#endif
