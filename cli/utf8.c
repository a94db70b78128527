/* SPDX-License-Identifier: MIT */
/* Checking UTF-8, a sequence at a time. */
#include "cli/utf8.h"

#include <stddef.h>

/* The length of the sequence at s, or 0 when it is none. */
static size_t sequence(const unsigned char *s)
{
	unsigned int low = 0x80, high = 0xbf;
	size_t size, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		size = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		size = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		size = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

bool utf8_valid(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t size;

	for (; *s; s += size) {
		size = sequence(s);
		if (!size)
			return false;
	}
	return true;
}
