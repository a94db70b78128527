/* SPDX-License-Identifier: MIT */
/*
 * Moving data between a guest's granted pages and the buffers of slots, all
 * requests of one pass in one call: a hypercall costs as much as sixteen
 * copies of a page.
 */
#ifndef XN_BLK_COPY_H
#define XN_BLK_COPY_H

#include "slot.h"

/*
 * Fetches what the guest wants written, for each of the n (at most SLOTS)
 * that is a write and not refused; hands over what was read, for each that is
 * a read and did not fail. A segment whose grant cannot be used makes its own
 * request a BLKIF_RSP_ERROR and no other.
 */
void copy_from_guest(xengnttab_handle *gnttab, uint32_t domid,
		     struct slot *const *slots, unsigned int n);
void copy_to_guest(xengnttab_handle *gnttab, uint32_t domid,
		   struct slot *const *slots, unsigned int n);

#endif
