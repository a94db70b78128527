/* SPDX-License-Identifier: MIT */
/*
 * A guest's console log: every byte that it wrote, in a file that xnd opened
 * for appending. A disk that is full costs the bytes that did not fit, never
 * the console.
 */
#ifndef XN_CONSOLE_LOGFILE_H
#define XN_CONSOLE_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

struct logfile {
	int fd;		/* owned by whoever put it here */
	uint32_t domid; /* for our own log lines */
	struct log_limit limit;
};

/* Blocks as a regular file does. Failures are logged, with a limit. */
void logfile_write(struct logfile *l, const char *data, size_t size);

#endif
