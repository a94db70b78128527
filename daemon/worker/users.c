/* SPDX-License-Identifier: MIT */
/* The range, divided: domids, xn-console, shared processes. */
#include "daemon/worker/users.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>

/* Xen's DOMID_FIRST_RESERVED: no guest has this domid, or a higher one. */
#define USERS_CONSOLE 0x7ff0u
#define USERS_SHARED  (USERS_CONSOLE + 1)

uint32_t users_guest(uint32_t first, uint32_t domid)
{
	return first + domid;
}

uint32_t users_console(uint32_t first)
{
	return first + USERS_CONSOLE;
}

/* Is any process this user? */
static bool is_taken(uint32_t user)
{
	errno = 0;
	return getpriority(PRIO_USER, user) != -1 || errno != ESRCH;
}

uint32_t users_shared(uint32_t first, uint32_t *last)
{
	const uint32_t n = USERS - USERS_SHARED;
	uint32_t tries = n;
	uint32_t user;

	do {
		user = first + USERS_SHARED + (*last)++ % n;
	} while (is_taken(user) && --tries);
	return user;
}
