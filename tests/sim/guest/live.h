/* SPDX-License-Identifier: MIT */
/*
 * A guest that behaves as a stock kernel would: it connects what it is given,
 * now and later, lets go of what it is asked to, shuts down when told to, and
 * has somebody at its console who obeys a few words.
 */
#ifndef XN_SIM_GUEST_LIVE_H
#define XN_SIM_GUEST_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct event_base;
struct live;

/* Boots and prints a line on the console. NULL with *e set. */
struct live *live_new(struct event_base *base, uint32_t domid, struct err *e);
void live_free(struct live *l);

/*
 * Runs n guests that share base until each has shut down or is gone.
 *
 * At the console: "check" tries every device and prints "check: ok" or what
 * is wrong; "poweroff", "reboot" and "crash" do that; "list" prints the
 * devices; anything else is printed again.
 */
void live_run(struct live **lives, size_t n);

#endif
