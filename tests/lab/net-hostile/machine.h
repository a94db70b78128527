/* SPDX-License-Identifier: MIT */
/*
 * What a program in a Linux guest has of Xen: the store, pages that are
 * granted and event channels, through the kernel's devices; and one place to
 * wait for any of it. Whatever fails ends the program, with a word on why.
 */
#ifndef XN_LAB_HOSTILE_MACHINE_H
#define XN_LAB_HOSTILE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096

struct page {
	uint8_t *data;
	uint32_t ref;
};

/* Prints a line of the kind that dom0 looks for, and ends the program. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *why,
							     ...);

void machine_open(void);

uint64_t now_ms(void);
/*
 * Returns when one of our ports rings or something that is watched changes,
 * or when it is end_ms. What happened since the last call counts; the caller
 * looks at what it waits for, and comes again.
 */
void machine_wait(uint64_t end_ms);

/* n zeroed pages for domid, to be read only or also written. */
void pages_give(uint16_t domid, bool writable, unsigned int n,
		struct page *pages);
/* A reference that was given and is not any more. */
uint32_t page_revoked(void);

uint32_t port_new(void);
void port_ring(uint32_t port);

/* Paths are relative to the guest's own directory, or begin with '/'. */
bool store_read(const char *path, char *value, size_t max);
void store_write(const char *path, const char *value);
/* Fine when it is not there. */
void store_remove(const char *path);
/* From now on machine_wait returns when it changes. */
void store_watch(const char *path);

#endif
