/* SPDX-License-Identifier: MIT */
/* Whether text is UTF-8: the protocol carries nothing else. */
#ifndef XN_CLI_UTF8_H
#define XN_CLI_UTF8_H

#include <stdbool.h>

/* RFC 3629: shortest forms only, no surrogates, at most U+10FFFF. */
bool utf8_valid(const char *text);

#endif
