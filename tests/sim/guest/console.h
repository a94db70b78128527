/* SPDX-License-Identifier: MIT */
/* hvc0: the ring of xen/io/console.h from the guest's side. */
#ifndef XN_SIM_GUEST_CONSOLE_H
#define XN_SIM_GUEST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

struct console;
struct err;
struct guest;
struct xencons_interface;

/* NULL with *e set. */
struct console *console_open(struct guest *g, struct err *e);
void console_close(struct console *c);

/* on_input runs, from the guest's port, when there is something to read. */
void console_set_input(struct console *c, void (*on_input)(void *arg),
		       void *arg);

/* How many bytes there was room for. */
size_t console_write(struct console *c, const char *text, size_t n);
/*
 * Writes all of it, turning the loop while the ring is full, until it has
 * been read. 0, or -ETIMEDOUT with *e set.
 */
int console_print(struct console *c, const char *text, struct err *e);
/* How many bytes were there, at most n. */
size_t console_read(struct console *c, char *to, size_t n);

/* For lies: the shared page itself, and the port rung. */
struct xencons_interface *console_page(struct console *c);
void console_ring(struct console *c);

#endif
