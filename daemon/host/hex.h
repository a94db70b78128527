/* SPDX-License-Identifier: MIT */
/* Strict hexadecimal: MAC addresses and UUIDs in fixed groups, URIs. */
#ifndef XN_HOST_HEX_H
#define XN_HOST_HEX_H

#include <stdint.h>

/* What it stands for, or -1. */
int hex_digit(char c);

/*
 * shape is digits and separators, such as "2:2" or "8-4-66": a digit stands
 * for that many hexadecimal digits (an even number; so 66 for twelve), any
 * other character for itself. 0, or -EINVAL with bytes in an unknown state.
 */
int hex_parse(const char *text, const char *shape, uint8_t *bytes);

#endif
