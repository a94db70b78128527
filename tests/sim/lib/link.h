/* SPDX-License-Identifier: MIT */
/*
 * A connection to the simulated hypervisor: one a handle. Used by the
 * replacement libraries and by simulated guests. Calls on one link may come
 * from several threads; each waits for its reply.
 */
#ifndef XN_SIM_LINK_H
#define XN_SIM_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "tests/sim/protocol.h"

struct sim_link;

/* domid: on whose behalf, 0 but for guests. NULL with errno. */
struct sim_link *link_open(enum sim_handle kind, uint32_t domid);

/* Releases all that the handle holds. NULL is fine. */
void link_close(struct sim_link *l);

/* args after the last one given are 0. The result, or -1 with errno. */
int64_t link_call(struct sim_link *l, enum sim_op op, size_t n,
		  const uint64_t *args);
#define LINK_CALL(l, op, ...)                                           \
	link_call((l), (op),                                            \
		  sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), \
		  (const uint64_t[]){__VA_ARGS__})

/*
 * The same without waiting for the result, which is 0: of SIM_NOTIFY and
 * SIM_UNMASK, see SIM_POSTED. Waits nevertheless while calls are looked at.
 */
int64_t link_post(struct sim_link *l, enum sim_op op, uint64_t port);

/* Borrowed. -1 for the events of a handle that has none. */
int link_memory_fd(const struct sim_link *l);
int link_event_fd(const struct sim_link *l);

/*
 * Maps frames of the machine's memory one after the other, at `at` unless
 * that is NULL; munmap undoes it. A frame of SIM_NO_FRAME becomes a page that
 * cannot be touched. NULL with errno.
 */
void *link_map(struct sim_link *l, void *at, int prot, size_t n,
	       const uint64_t *frames);

#endif
