/* SPDX-License-Identifier: MIT */
/*
 * Whom workers become (chan/nobody.h): users without a name, each a group as
 * well, of a range of which xnd.conf(5) names the first. A guest's workers are
 * the user of its domid, so that one guest's can do nothing to another's; what
 * serves several guests is a user of its own.
 */
#ifndef XN_WORKER_USERS_H
#define XN_WORKER_USERS_H

#include <stdint.h>

/* How many there are, from the first one. */
#define USERS 65536u
/* Of a range that neither Debian nor systemd nor its containers use. */
#define USERS_FIRST "2000000000"
/* Below, 16 bits are the system's and people's; above, int has an end. */
#define USERS_FIRST_MIN 65536u
#define USERS_FIRST_MAX (INT32_MAX - USERS + 1)

/* The user of a guest's own workers. */
uint32_t users_guest(uint32_t first, uint32_t domid);

/* That of xn-console. */
uint32_t users_console(uint32_t first);

/*
 * One who no process is yet, for a process that several guests share. Those of
 * an earlier xnd live on, so it asks the kernel; *last, 0 at first and then its
 * own, keeps it from giving the same again before there is such a process.
 */
uint32_t users_shared(uint32_t first, uint32_t *last);

#endif
