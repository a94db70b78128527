/* SPDX-License-Identifier: MIT */
/* MAC addresses of guests' network interfaces. */
#ifndef XN_HOST_MAC_H
#define XN_HOST_MAC_H

#include <stdint.h>

#define MAC_BYTES      6
#define MAC_TEXT_BYTES 18 /* "00:16:3e:01:02:03" and its NUL */

struct err;

/*
 * Six pairs of hexadecimal digits with ':' between them, nothing else. A
 * multicast address, all zeroes and the host side's own fe:ff:ff:ff:ff:ff are
 * no guest's. 0, or -EINVAL with *e set and mac untouched.
 */
int mac_parse(const char *text, uint8_t mac[MAC_BYTES], struct err *e);

/* In lower case. */
void mac_print(const uint8_t mac[MAC_BYTES], char text[MAC_TEXT_BYTES]);

/* Three random bytes after Xen's own 00:16:3e. 0 or -errno with *e set. */
int mac_random(uint8_t mac[MAC_BYTES], struct err *e);

#endif
