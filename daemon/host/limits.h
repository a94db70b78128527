/* SPDX-License-Identifier: MIT */
/* Limits of the host's that would be reached with many guests. */
#ifndef XN_HOST_LIMITS_H
#define XN_HOST_LIMITS_H

/*
 * Raises those of descriptors, which each device takes some of and workers
 * inherit, and of pages that dom0 grants (LIMITS_GRANTS). Where it cannot, what
 * is too much is refused later.
 */
void limits_raise(void);

/*
 * How many pages the programs of dom0 may grant, in all, as the module
 * xen-gntalloc has it: for the frames of 64 queues of vifs (256 pages each),
 * and half of what Xen lets a domain grant if it is not told otherwise
 * (gnttab_max_frames: 64 frames of 512 grants). Queues that get none are
 * served as well, more slowly: see backends/net/arena.h.
 */
#define LIMITS_GRANTS	   16384
#define LIMITS_GRANTS_FILE "/sys/module/xen_gntalloc/parameters/limit"

/* file (LIMITS_GRANTS_FILE), if it is there, has so many at least afterwards. */
void limits_raise_grants(const char *file);

#endif
