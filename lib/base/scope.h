/* SPDX-License-Identifier: MIT */
/*
 * Locals that release themselves. Giving one away is a visible verb: fd_take,
 * str_take.
 */
#ifndef XN_BASE_SCOPE_H
#define XN_BASE_SCOPE_H

#include <stdlib.h>
#include <unistd.h>

static inline void scope_free_str(char **s)
{
	free(*s);
}

static inline void scope_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define scoped_str __attribute__((cleanup(scope_free_str))) char *
#define scoped_fd  __attribute__((cleanup(scope_close_fd))) int

static inline char *str_take(char **s)
{
	char *taken = *s;

	*s = NULL;
	return taken;
}

static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Closes *fd if it is open and marks it closed. */
static inline void fd_drop(int *fd)
{
	scope_close_fd(fd);
	*fd = -1;
}

#endif
