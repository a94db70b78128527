/* SPDX-License-Identifier: MIT */
/*
 * The least that can crash: a guest with numbered requests, a ring, a disk
 * that notes what it was asked, and a worker that serves one through the
 * journal. All of it lies in one memory file, so that a copy of the file is
 * the world at one moment.
 */
#ifndef XN_TESTS_BLK_CRASH_H
#define XN_TESTS_BLK_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_RING     8 /* entries */
#define CRASH_SLOTS    5 /* that the worker has; entries of its journal */
#define CRASH_REQUESTS 40
#define CRASH_START    0xfffffff0u /* the first index: it wraps soon */

struct crash_world {
	/* the ring; a slot holds a request, then a response, by their id */
	volatile uint32_t req_prod, rsp_prod;
	volatile uint32_t ring[CRASH_RING];

	/* the guest: how many responses it has seen, and to what */
	volatile uint32_t seen;
	volatile uint32_t answers[CRASH_REQUESTS];

	/* the disk: how often it was asked for each */
	volatile uint32_t issued[CRASH_REQUESTS];
};

/* The file: a journal, then a world. */
#define CRASH_JOURNAL_BYTES 4096
#define CRASH_BYTES	    (CRASH_JOURNAL_BYTES + sizeof(struct crash_world))

/* Makes a file with a new world; the mapping of all of it in *map. */
int crash_new(uint8_t **map);
struct crash_world *crash_world(uint8_t *map);

/*
 * Serves as worker number generation until every request is answered, or
 * until `steps` steps are done. A step is one store that a worker's life
 * hangs on. Returns false when the steps ran out.
 */
bool crash_serve(int file, uint8_t *map, uint32_t generation,
		 unsigned int steps);

/*
 * What must be true of a world whose worker is dead, seen before a successor
 * begins: every request placed is answered, in the journal's backlog, or still
 * in the ring; each in one of them. The backlog's settling is done to file.
 * Fails the test otherwise.
 */
void crash_check(int file, uint8_t *map, uint32_t generation);

/*
 * After a successor has served to the end: each request was answered once,
 * and none that was answered `before` was issued again.
 */
void crash_check_end(uint8_t *map, const uint8_t *before);

#endif
