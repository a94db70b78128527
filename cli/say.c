/* SPDX-License-Identifier: MIT */
/* Speaking to people and to programs. */
#include "cli/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "base/utf8.h"
#include "json/json.h"

static bool is_c1(const unsigned char *s)
{
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f;
}

char *say_safely(const char *text, char *out, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	bool utf8 = utf8_valid(text);
	size_t used = 0;

	for (; *s && used + 5 <= size; s++) {
		if (utf8 && is_c1(s))
			s++;
		else if (*s >= 0x20 && *s != 0x7f && (*s < 0x80 || utf8)) {
			out[used++] = (char)*s;
			continue;
		}
		used += (size_t)snprintf(out + used, size - used, "\\x%02x",
					 *s);
	}
	out[used] = '\0';
	return out;
}

int say(const char *fmt, ...)
{
	char text[1024], safe[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fflush(stdout);
	fprintf(stderr, "xn: %s\n", say_safely(text, safe, sizeof(safe)));
	return EXIT_FAILED;
}

int say_json(struct json *v)
{
	scoped_str text = json_print(v, true);
	const unsigned char *s = (const unsigned char *)text;

	json_free(v);
	if (!text)
		return say("out of memory");
	for (; *s; s++) {
		if (is_c1(s))
			printf("\\u%04x", *++s);
		else if (*s == 0x7f)
			fputs("\\u007f", stdout);
		else
			putchar(*s);
	}
	putchar('\n');
	return EXIT_OK;
}
