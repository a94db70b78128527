/* SPDX-License-Identifier: MIT */
/* Small work on strings. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char *text_format(const char *fmt, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	return n < 0 ? NULL : text;
}

char *text_escape(const char *text, char *out, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\\') {
			if (used + 3 > size)
				break;
			out[used++] = '\\';
			out[used++] = '\\';
		} else if (c < 0x20 || c > 0x7e) {
			if (used + 5 > size)
				break;
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = hex[c >> 4];
			out[used++] = hex[c & 15];
		} else {
			if (used + 2 > size)
				break;
			out[used++] = (char)c;
		}
	}
	out[used] = '\0';
	return out;
}

int text_begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
