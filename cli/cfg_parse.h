/* SPDX-License-Identifier: MIT */
/*
 * The grammar of the xl.cfg dialect: text in, settings or errors out. Pure:
 * nothing is read but what is given.
 */
#ifndef XN_CLI_CFG_PARSE_H
#define XN_CLI_CFG_PARSE_H

#include <stddef.h>

struct cfg;
struct notes;

/*
 * Adds the settings in text to cfg. Ends at the first line that is not in
 * the grammar, with one error in notes. source is borrowed by both.
 */
void cfg_parse_text(struct cfg *cfg, const char *source, const char *text,
		    size_t size, struct notes *notes);

/*
 * The same for one "key=value" of the command line. Beyond the grammar, a
 * value that is neither quoted, nor a list, nor a number is taken as a string
 * as it stands, since a shell has eaten its quotes: name=web.
 */
void cfg_parse_argument(struct cfg *cfg, const char *argument,
			struct notes *notes);

#endif
