/* SPDX-License-Identifier: MIT */
/*
 * A channel under test, the plain socket that is its other end, and a record
 * of what its callbacks have seen.
 */
#ifndef XN_TESTS_CHAN_PEER_H
#define XN_TESTS_CHAN_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chan/chan.h"

struct peer {
	struct event_base *base;
	struct chan *chan;
	int other;
	unsigned int messages;
	unsigned int ends;
	uint32_t last_domid;
	int fd;		/* the last descriptor that came */
	bool keep;	/* keep that descriptor */
	bool free_self; /* free the channel within the next callback */
};

void peer_open(struct peer *p);
void peer_close(struct peer *p);

/* Lets the channel serve what is there. */
void peer_run(struct peer *p);

/* The other end sends size bytes of m with n copies of fd. */
void peer_sends(struct peer *p, const void *m, size_t size, int fd,
		unsigned int n);
void peer_says(struct peer *p, enum msg_type type, uint32_t domid);

/* The other end receives a message, and its descriptor or -1. */
bool peer_reads(struct peer *p, union msg *m, int *fd);

/* How many descriptors this process has. */
unsigned int peer_fds(void);

#endif
