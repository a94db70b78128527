/* SPDX-License-Identifier: MIT */
/* Strict hexadecimal in fixed groups. */
#include "daemon/host/hex.h"

#include <errno.h>

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_parse(const char *text, const char *shape, uint8_t *bytes)
{
	for (; *shape; shape++) {
		unsigned int digits;

		if (*shape < '0' || *shape > '9') {
			if (*text++ != *shape)
				return -EINVAL;
			continue;
		}
		for (digits = *shape - '0'; digits; digits -= 2) {
			int high = hex_digit(text[0]);
			int low = high < 0 ? -1 : hex_digit(text[1]);

			if (low < 0)
				return -EINVAL;
			*bytes++ = (uint8_t)(high << 4 | low);
			text += 2;
		}
	}
	return *text ? -EINVAL : 0;
}
