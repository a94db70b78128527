/* SPDX-License-Identifier: MIT */
/* The two frames that dom0 answers. */
#ifndef XN_LAB_HOSTILE_FRAME_H
#define XN_LAB_HOSTILE_FRAME_H

#include <stdint.h>

#include "vif.h"

#define ARP_BYTES 60

/* Who has 10.0.0.1? HEARD_ARP answers it; none of before does. */
void frame_write_arp(uint8_t *frame, struct vif *v);
/*
 * A TCP segment of size bytes, headers and all, to where nobody listens; its
 * checksum is left to be filled in. HEARD_TCP answers it, a reset. The last
 * question by ARP must have been answered.
 */
void frame_write_tcp(uint8_t *frame, struct vif *v, uint16_t size);

#endif
