/* SPDX-License-Identifier: MIT */
/*
 * What the guest's front end can be made to do, a row each. After each the
 * interface carries a question to dom0 and its answer back, connected again
 * where the lie was the end of it. Each act tells of its row in a line that
 * is for dom0 to read.
 */
#ifndef XN_LAB_HOSTILE_ACTS_H
#define XN_LAB_HOSTILE_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "vif.h"

#define SERVED	NETIF_RSP_OKAY
#define REFUSED NETIF_RSP_ERROR

enum ref { GOOD, REVOKED, BEYOND_TABLE, STRANGERS };

/* A packet: a first slot, extras, and further slots, alike. */
struct packet {
	uint16_t size;	 /* of all of it, as the first slot says */
	uint16_t slots;	 /* of data; 0: 1 */
	uint16_t piece;	 /* of each but the first */
	uint16_t offset; /* of each */
	uint16_t flags;	 /* of the first */
	uint8_t extras;
	uint8_t extra_type;
	uint8_t gso_type;
	uint16_t gso_size;
	enum ref ref;	/* of the last */
	bool tcp;	/* it has a TCP segment in it, else zeroes */
	bool truncated; /* what the last slot announces does not come */
	int16_t answer;
};

struct row {
	const char *says;
	void (*act)(struct vif *v, const struct row *row);
	union {
		struct packet packet;
		uint32_t number;
		struct {
			const char *key, *text;
		};
	};
};

/* Makes references of each kind. */
void acts_open(void);
/* How many rows have been told of, and how many of those were broken. */
unsigned int acts_told(void);
unsigned int acts_broken(void);

/* A packet that has its answer. */
void act_packet(struct vif *v, const struct row *row);
/* So many that are refused, a ring at a time: nothing may pile up. */
void act_packets(struct vif *v, const struct row *row);
/* One that is the end of the interface. */
void act_closing_packet(struct vif *v, const struct row *row);
/* A producer that is off by so many: the end of it. */
void act_tx_producer(struct vif *v, const struct row *row);
void act_rx_producer(struct vif *v, const struct row *row);
/* Slots to receive in that cannot be written; GOOD: but read. */
void act_rx_grants(struct vif *v, const struct row *row);
/* So many events that tell nothing. */
void act_storm(struct vif *v, const struct row *row);
/* Slots of a ring, 0 to send or 1 to receive, change while they are used. */
void act_race(struct vif *v, const struct row *row);
/* A key that is wrong: refused. */
void act_key(struct vif *v, const struct row *row);

#endif
