/* SPDX-License-Identifier: MIT */
/*
 * The queue of blk_served.h, whose image is with a server of nbd_server.h.
 * Tests that use it run in the scratch folder.
 */
#ifndef XN_TESTS_NBD_SERVED_H
#define XN_TESTS_NBD_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct nbd_link;
struct nbd_open;
struct store;

#define NBD_SIZE "8M" /* SERVED_SECTORS */

struct nbd {
	struct nbd_open *opening;
	struct nbd_link *link; /* opened last, or NULL with failure set */
	struct err failure;
	unsigned int ended; /* greetings */
	struct store *store;
	int told;
};

extern struct nbd nbd;

/* As served_begin and served_end. The server is killed with SIGKILL. */
int nbd_begin(void **state);
int nbd_end(void **state);

/* Answers the greeting on fd, taken; nbd.ended says when that is over. */
void nbd_begin_open(int fd, const char *export, bool writable);

/* nbd.link to the server that runs, or NULL. */
struct nbd_link *nbd_open_link(const char *export, bool writable);

/* Fails the test unless the greeting ends badly, with these words. */
void nbd_expect_refusal(const char *words);

/* Attaches the queue to the server's default export. */
void nbd_serve(void);

/* Runs the loop until the store has lost its server, and has said so. */
void nbd_until_lost(void);

/* Gives the store a new connection to the server that runs. */
void nbd_give_another(void);

/* A request for a page at this sector, see guest_put. */
void nbd_put(uint64_t id, uint8_t op, uint64_t sector, uint32_t page);

#endif
