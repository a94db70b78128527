/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8, by table 3-7 of the Unicode standard. */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	unsigned char first_min, first_max;
	unsigned char second_min, second_max;
	size_t size;
} forms[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes in the sequence that text begins with; 0 when that is none. */
static size_t sequence(const char *text)
{
	const unsigned char *b = (const unsigned char *)text;
	size_t i, n;

	if (b[0] < 0x80)
		return 1;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (b[0] >= forms[i].first_min && b[0] <= forms[i].first_max)
			break;
	if (i == sizeof(forms) / sizeof(forms[0]) ||
	    b[1] < forms[i].second_min || b[1] > forms[i].second_max)
		return 0;
	for (n = 2; n < forms[i].size; n++)
		if (b[n] < 0x80 || b[n] > 0xbf)
			return 0;
	return n;
}

bool utf8_valid(const char *text)
{
	while (*text) {
		size_t n = sequence(text);

		if (n == 0)
			return false;
		text += n;
	}
	return true;
}

char *utf8_mend(const char *text)
{
	size_t size = strlen(text);
	char *mended, *out;

	mended = out = reallocarray(NULL, size + 1, strlen(REPLACEMENT));
	if (!mended)
		return NULL;
	while (*text) {
		size_t n = sequence(text);

		if (n == 0) {
			out = stpcpy(out, REPLACEMENT);
			text++;
		} else {
			out = mempcpy(out, text, n);
			text += n;
		}
	}
	*out = '\0';
	return mended;
}
