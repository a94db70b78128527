/* SPDX-License-Identifier: MIT */
/* The word that a person probably meant. */
#ifndef XN_CLI_NEAREST_H
#define XN_CLI_NEAREST_H

#include <stddef.h>

/*
 * How many letters must be changed, put in, left out or swapped with their
 * neighbour to make b out of a; words are read up to 40 letters.
 */
unsigned int nearest_distance(const char *a, const char *b);

/*
 * Offers each candidate in turn: the one nearest to word so far is kept, if
 * it is near at all (a third of its letters). Begin with best NULL.
 */
struct nearest {
	const char *word;
	const char *best;
	unsigned int distance;
};

void nearest_offer(struct nearest *n, const char *candidate);

#endif
