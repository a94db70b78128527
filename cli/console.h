/* SPDX-License-Identifier: MIT */
/* A guest's console, between this process's stdin and stdout. */
#ifndef XN_CLI_CONSOLE_H
#define XN_CLI_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* What leaves when nothing else is asked for: Ctrl-]. */
#define CONSOLE_ESCAPE 0x1d

struct console {
	int fd;	    /* owned; -1 when closed */
	char *rest; /* owned: what came with the answer, to be printed first */
	size_t size;
};

/*
 * Attaches to domain's console. False after saying why. console_run or
 * console_close it.
 */
bool console_open(struct console *c, const char *domain);
void console_close(struct console *c);

/*
 * Passes bytes both ways until the guest's end closes, or the byte escape
 * comes in, or a signal; what was typed before escape is sent. Past the end
 * of stdin it goes on printing. Closes c. An exit status; a signal that would
 * end the process does so, once the terminal is as it was.
 */
int console_run(struct console *c, int escape);

#endif
