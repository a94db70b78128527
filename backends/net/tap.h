/* SPDX-License-Identifier: MIT */
/*
 * The host's end of the wire: a tap device whose frames carry a virtio
 * header, so that checksums may stay blank and TCP uncut. Frames live in buffers that have
 * TAP_HEADER_BYTES writable bytes before them: header and frame pass in one
 * system call without being gathered.
 */
#ifndef XN_NET_TAP_H
#define XN_NET_TAP_H

#include <stddef.h>
#include <stdint.h>

#define TAP_HEADER_BYTES 10u

struct err;
struct frame_marks;

/*
 * TUN_F_…: what the kernel may leave to a guest that offered flags
 * (MSG_NET_…). Blank checksums always: those that the guest would not
 * complete are completed here. Pure.
 */
unsigned int tap_offloads(uint32_t flags);

/*
 * Prepares the descriptor of an attached tap (IFF_TAP | IFF_NO_PI |
 * IFF_VNET_HDR) for a guest that offered flags (MSG_NET_…): header size,
 * offloads, not blocking. What has been queued for an earlier guest may still
 * be uncut. 0 or -errno with *e set.
 */
int tap_prepare(int fd, uint32_t flags, struct err *e);

/*
 * Reads one frame of at most max bytes. Returns its size; 0 when none waits;
 * -EINVAL when one was dropped because it cannot be told to the guest;
 * another -errno when the tap is gone.
 */
int tap_read(int fd, uint8_t *frame, size_t max, struct frame_marks *marks);

/* Puts the header before a frame. */
void tap_put_header(uint8_t *frame, size_t size,
		    const struct frame_marks *marks);

/* Does so, and writes the frame. 0 or -errno; -EBADFD when the tap is gone. */
int tap_write(int fd, uint8_t *frame, size_t size,
	      const struct frame_marks *marks);

#endif
