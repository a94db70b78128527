/* SPDX-License-Identifier: MIT */
/*
 * What a PV kernel finds when it starts: through the registers of its vCPU
 * and the page tables that the domain builder made. 64-bit guests only.
 */
#ifndef XN_SIM_GUEST_BOOT_H
#define XN_SIM_GUEST_BOOT_H

#include <stdint.h>

struct err;
struct sim_link;

struct boot {
	uint64_t nr_pages;
	uint64_t store_frame;
	uint32_t store_port;
	uint64_t console_frame;
	uint32_t console_port;
	uint64_t first_free;	  /* the pages from here on are nobody's … */
	uint64_t *frames;	  /* owned: of each page of the guest */
	const char *command_line; /* in the guest's memory */
};

/*
 * link: of SIM_GUEST. memory: the machine's, mapped whole; borrowed. Waits up
 * to ms for the guest to be unpaused. 0 or -errno with *e set.
 */
int boot_read(struct sim_link *link, uint8_t *memory, unsigned int ms,
	      struct boot *b, struct err *e);
void boot_clear(struct boot *b);

#endif
