/* SPDX-License-Identifier: MIT */
/* The words that say how fast a disk may be: "iops=500", "bandwidth=20M". */
#ifndef XN_CLI_CAP_H
#define XN_CLI_CAP_H

struct err;
struct json;

/*
 * Sets what the word says in params, as block.set takes it: "iops=N", or
 * "bandwidth=N" with K, M, G or T behind it (of 1024), then B or iB, then /s,
 * as far as one likes; 0 takes the cap away. 0, or -EINVAL with *e set for
 * what is no such word or has been said before. Pure.
 */
int cap_read(const char *word, struct json *params, struct err *e);

#endif
