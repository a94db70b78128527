/* SPDX-License-Identifier: MIT */
/*
 * The call sites at which our programs ask the hypervisor: surveyed, with the
 * step of A's life in which each is met first, and told in words.
 */
#ifndef XN_SIM_RUNS_SITES_H
#define XN_SIM_RUNS_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/protocol.h"

struct world;

#define SITES_MAX 1024

struct site {
	struct sim_site at;
	int step; /* -1: while xnd starts; else enum stage_step */
	char call[48];
	char place[320]; /* functions of our program, innermost first */
};

struct sites {
	struct world *w; /* borrowed */
	size_t count;
	size_t seen;	   /* by the survey */
	size_t lost;	   /* for which there was no room */
	struct site *list; /* owned */
};

void sites_begin(struct sites *s, struct world *w);
/* What is new since the last call was met in that step. */
void sites_note(struct sites *s, int step);
void sites_end(struct sites *s);
void sites_free(struct sites *s);

/* Fills every place, by addr2line. */
void sites_place(struct sites *s);

/* The same for the same call site in every run of one build. */
uint64_t site_key(const struct site *s);
/* An error that the call may well return. */
int site_error(const struct site *s);
/* A batch, each element of which has a status of its own. */
bool site_is_batch(const struct site *s);

#endif
