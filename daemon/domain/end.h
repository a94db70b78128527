/* SPDX-License-Identifier: MIT */
/* The end of a domain. */
#ifndef XN_DOMAIN_END_H
#define XN_DOMAIN_END_H

struct domain;

/*
 * Takes a domain down completely: devices, console, memory, nodes. Goes on
 * when a step fails, and remembers the first failure for those who wait. May
 * be repeated. d is freed later, from the loop, and made again then if it is
 * to be restarted.
 */
void domain_end(struct domain *d);

#endif
