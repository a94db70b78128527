/* SPDX-License-Identifier: MIT */
/* Strict decimal numbers. */
#include "base/num.h"

#include <errno.h>

int num_parse_u64(const char *text, uint64_t max, uint64_t *v)
{
	uint64_t sum = 0;

	if (!text || !*text)
		return -EINVAL;
	for (; *text; text++) {
		unsigned int digit = (unsigned char)*text - '0';

		if (digit > 9)
			return -EINVAL;
		if (sum > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		sum = sum * 10 + digit;
	}
	if (sum > max)
		return -ERANGE;
	*v = sum;
	return 0;
}

int num_parse_u32(const char *text, uint32_t max, uint32_t *v)
{
	uint64_t wide;
	int rc = num_parse_u64(text, max, &wide);

	if (rc == 0)
		*v = (uint32_t)wide;
	return rc;
}
