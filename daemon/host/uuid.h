/* SPDX-License-Identifier: MIT */
/* UUIDs of domains: text, the 16 bytes that Xen keeps, and new ones. */
#ifndef XN_HOST_UUID_H
#define XN_HOST_UUID_H

#include <stdint.h>

#define UUID_BYTES	16
#define UUID_TEXT_BYTES 37 /* 8-4-4-4-12 hexadecimal digits and a NUL */

struct err;

/*
 * 8-4-4-4-12 hexadecimal digits, nothing else; the bytes in the order of the
 * text, as xen_domain_handle_t has them. Not all zeroes: that is dom0's. 0,
 * or -EINVAL with *e set and uuid untouched.
 */
int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES], struct err *e);

/* In lower case. */
void uuid_print(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT_BYTES]);

/* A version 4 UUID (RFC 4122 §4.4). 0 or -errno with *e set. */
int uuid_random(uint8_t uuid[UUID_BYTES], struct err *e);

#endif
