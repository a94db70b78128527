/* SPDX-License-Identifier: MIT */
/*
 * A guest's event channels: ports of its own to dom0, and the handlers that
 * run when they ring. A handler runs after its port was unmasked, as an
 * edge-triggered interrupt is acknowledged before it is handled.
 */
#ifndef XN_SIM_GUEST_EVENTS_H
#define XN_SIM_GUEST_EVENTS_H

#include <stdint.h>

struct err;
struct events;

/* May unbind any port, this one too. Must not call events_turn. */
typedef void events_cb(void *arg);

struct events *events_open(uint32_t domid, struct err *e);
/* Closes every port. NULL is fine. */
void events_close(struct events *ev);

/* Readable when a port has rung. */
int events_fd(const struct events *ev);

/* A new port that dom0 may bind to. The port or -errno. */
int events_new(struct events *ev, events_cb *cb, void *arg);
/* A port that the toolstack allocated. 0 or -errno. */
int events_adopt(struct events *ev, uint32_t port, events_cb *cb, void *arg);
/* Closes it; of one that was adopted, only its handler goes. */
void events_free(struct events *ev, uint32_t port);
/* 0 or -errno */
int events_notify(struct events *ev, uint32_t port);

/*
 * Waits up to ms milliseconds (0: not at all) for a port to ring and runs the
 * handlers of all that have. How many ran, or -errno.
 */
int events_turn(struct events *ev, int ms);

#endif
