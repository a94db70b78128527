/* SPDX-License-Identifier: MIT */
/* Reading a size, and printing one. */
#include "cli/size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

static const char units[] = "bBkKmMgGtT";

int size_parse(const char *text, uint64_t *bytes, struct err *e)
{
	size_t n = strspn(text, "0123456789");
	const char *unit = text[n] ? strchr(units, text[n]) : NULL;
	unsigned int shift;
	char digits[24];
	int rc;

	if (n == 0 || (text[n] && (!unit || text[n + 1])))
		return err_set(e, EINVAL,
			       "must be a number and a unit, such as 20G");
	if (!unit)
		return err_set(e, EINVAL,
			       "of which unit? b, k, m, g or t, such as %sg",
			       text);
	shift = 10 * ((unsigned int)(unit - units) / 2);
	snprintf(digits, sizeof(digits), "%.*s", (int)n, text);
	rc = n < sizeof(digits)
		     ? num_parse_u64(digits, (uint64_t)INT64_MAX >> shift,
				     bytes)
		     : -ERANGE;
	if (rc < 0)
		return err_set(e, -rc, "is more than there can be");
	*bytes <<= shift;
	return 0;
}

const char *size_print(int64_t bytes, char out[24])
{
	static const char *const names[] = {"B",   "KiB", "MiB", "GiB",
					    "TiB", "PiB", "EiB"};
	double n = (double)bytes;
	unsigned int i = 0;

	while (n >= 1024 && i < 6) {
		n /= 1024;
		i++;
	}
	snprintf(out, 24, i && n < 100 ? "%.1f %s" : "%.0f %s", n, names[i]);
	return out;
}
