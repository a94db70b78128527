/* SPDX-License-Identifier: MIT */
/* Edit distance (Damerau-Levenshtein, neighbours only). */
#include "cli/nearest.h"

#include <string.h>

#define MAX_LETTERS 40

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int d[MAX_LETTERS + 1][MAX_LETTERS + 1];
	size_t na = strnlen(a, MAX_LETTERS), nb = strnlen(b, MAX_LETTERS);
	size_t i, j;

	for (i = 0; i <= na; i++)
		d[i][0] = (unsigned int)i;
	for (j = 0; j <= nb; j++)
		d[0][j] = (unsigned int)j;
	for (i = 1; i <= na; i++) {
		for (j = 1; j <= nb; j++) {
			unsigned int other = a[i - 1] != b[j - 1];

			d[i][j] = least(d[i - 1][j - 1] + other,
					least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

void nearest_offer(struct nearest *n, const char *candidate)
{
	unsigned int distance = nearest_distance(n->word, candidate);

	if (distance > (strlen(candidate) + 2) / 3)
		return;
	if (n->best && distance >= n->distance)
		return;
	n->best = candidate;
	n->distance = distance;
}
