/* SPDX-License-Identifier: MIT */
/*
 * Allocation failure on command: a file that a test and the programs under
 * test have mapped together. preload.c, in the programs, reads in it what is
 * to fail and writes into it what was allocated where; it maps the file before
 * main, so that a fault can be armed in a daemon that runs and in workers that
 * may open nothing any more.
 */
#ifndef XN_SIM_MALLOC_PLAN_H
#define XN_SIM_MALLOC_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MALLOC_PLAN_ENV "XN_SIM_MALLOC" /* the path of the file */

#define MALLOC_NAME	16 /* as in /proc/PID/comm, with its NUL */
#define MALLOC_FRAMES	8
#define MALLOC_SITES	16384
#define MALLOC_MODULES	64
#define MALLOC_PATH	120

/* A return address: an index into modules, above an offset into that file. */
#define MALLOC_OFFSET_BITS 40
#define MALLOC_NO_MODULE   (MALLOC_MODULES - 1)

/* What tells one place from another. */
enum malloc_places {
	MALLOC_CALLS,  /* the call in the program itself, whatever it is to */
	MALLOC_STACKS, /* all of MALLOC_FRAMES */
};

enum malloc_wanted {
	MALLOC_SURVEY = 1, /* write down every place */
	MALLOC_FAULT = 2,  /* fail what fits */
};

/* A place where a program allocates. */
struct malloc_site {
	_Atomic uint64_t key; /* site and program together; 0: free */
	uint64_t site;	      /* the same in every run of one build */
	_Atomic uint32_t uses;
	char program[MALLOC_NAME];
	uint64_t frames[MALLOC_FRAMES]; /* innermost first; 0: no more */
};

struct malloc_plan {
	_Atomic uint32_t wanted;
	uint32_t places; /* enum malloc_places */

	/* The fault: the nth allocation (from 1) that fits fails. */
	char program[MALLOC_NAME]; /* "": any */
	uint64_t site;		   /* 0: any */
	uint32_t nth;
	uint32_t always; /* not 0: every later one too */
	uint32_t known;	 /* processes up to this number are spared */
	_Atomic uint32_t seen;
	_Atomic uint32_t met;

	_Atomic uint32_t processes; /* that have mapped it: each is a number */

	_Atomic uint32_t lost; /* places for which there was no room */
	struct malloc_site sites[MALLOC_SITES];
	struct {
		_Atomic uint32_t taken; /* 0 free, 1 being written, 2 */
		char path[MALLOC_PATH];
	} modules[MALLOC_MODULES];
};

/* Makes the file anew and maps it. NULL with errno. */
struct malloc_plan *malloc_plan_create(const char *path);
void malloc_plan_close(struct malloc_plan *p);

/* Forgets all places and writes down those that are met from now on. */
void malloc_survey_begin(struct malloc_plan *p, enum malloc_places places);
void malloc_survey_end(struct malloc_plan *p);

/*
 * Arms one fault: the nth allocation of program at site (see struct
 * malloc_plan); newcomers: only in a process that starts from now on.
 * malloc_disarm says how often it was met.
 */
void malloc_arm(struct malloc_plan *p, const char *program, uint64_t site,
		uint32_t nth, bool newcomers);
uint32_t malloc_disarm(struct malloc_plan *p);

#endif
