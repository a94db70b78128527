/* SPDX-License-Identifier: MIT */
/*
 * How often a guest may wake us: 30 events in a period of 200 ms, as
 * xenconsoled allows; the next is heard when the period is over. Its port
 * stays masked meanwhile, so that no guest can take the time of the others.
 *
 * A guest whose ring is full waits for us, often in a loop that burns its CPU.
 * So while its port is masked we look at its ring now and then.
 */
#ifndef XN_CONSOLE_THROTTLE_H
#define XN_CONSOLE_THROTTLE_H

#include <stdint.h>

#define THROTTLE_EVENTS	   30
#define THROTTLE_PERIOD_MS 200
#define THROTTLE_LOOK_MS   20

/* Zeroed to begin. */
struct throttle {
	uint64_t since_ms;
	unsigned int events;
};

/*
 * Counts an event that came at now_ms (monotonic). Returns how many
 * milliseconds the port is to stay masked: 0 in the ordinary case. Pure.
 */
unsigned int throttle_event(struct throttle *t, uint64_t now_ms);

#endif
