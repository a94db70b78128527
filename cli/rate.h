/* SPDX-License-Identifier: MIT */
/* How fast a vif may send, as xl writes it: "10Mb/s", "1MB/s@20ms". */
#ifndef XN_CLI_RATE_H
#define XN_CLI_RATE_H

#include <stdint.h>

struct err;
struct json;

struct rate {
	uint64_t bytes;	   /* in each interval */
	uint32_t interval; /* microseconds */
};

/*
 * A number with G, M or K (decimal) or nothing behind it, then b (bits) or B
 * (bytes), then "/s"; perhaps '@' and an interval in s (or nothing), ms or us:
 * 50 ms when there is none. 0, or -EINVAL or -EOVERFLOW with *e set. Unlike
 * xl, a leading 0 does not make a number octal, and a rate of less than a
 * byte in an interval is refused. Pure.
 */
int rate_parse(const char *text, struct rate *rate, struct err *e);

/* As the protocol has it. The caller frees it; NULL when memory is out. */
struct json *rate_json(const struct rate *rate);

#endif
