/* SPDX-License-Identifier: MIT */
/*
 * What the guest's front end can be made to do, a row each. After each the
 * interface carries a question to dom0 and its answer back, connected again
 * where the lie was the end of it. Each act tells of its row in a line that
 * is for dom0 to read; what xnd must have said of it dom0 looks for itself.
 */
#ifndef XN_LAB_HOSTILE_ACTS_H
#define XN_LAB_HOSTILE_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "vif.h"

enum ref { GOOD, REVOKED, BEYOND_TABLE, STRANGERS };

/*
 * A packet: a first slot, extras, and further slots. The first slot says size,
 * and so has what the others leave; or, where first is set, the last one has.
 */
struct packet {
	uint16_t size;	 /* of all of it, as the first slot says */
	uint16_t slots;	 /* of data; 0: 1 */
	uint16_t first;	 /* bytes in the first slot, if not 0 */
	uint16_t piece;	 /* bytes in each of the others */
	uint16_t hollow; /* this slot has none, if not 0 */
	uint16_t offset; /* in each page, where it is not the frame's own */
	uint16_t flags;	 /* of the first */
	uint8_t extras;
	uint8_t extra_type;
	uint8_t gso_type;
	uint16_t gso_size;
	enum ref ref; /* of the last */
	bool tcp;     /* it is a TCP segment, else the question by ARP */
	uint8_t at;   /* if not 0: there the frame has this byte */
	uint8_t byte;
	bool truncated; /* what the last slot announces does not come */
	bool refused;	/* an error, else sent and answered by dom0 */
	bool uncounted; /* a word to the back end, no packet, is refused */
};

struct row {
	const char *says;
	void (*act)(struct vif *v, const struct row *row);
	const char *why; /* it is closed, and that is in xnd's words */
	union {
		struct packet packet;
		int64_t number;
		struct {
			const char *key, *text;
		};
		struct {
			struct xen_netif_ctrl_request ctrl;
			int status;
			enum ref ref;
			bool with_page; /* data[0] is its grant */
		};
	};
};

/* ---- the telling ---- */

/* Makes references of each kind, and connects. */
void acts_open(struct vif *v);
uint32_t acts_ref(enum ref ref);
/* Lines about what was told, and about what xnd should have counted. */
void acts_sum_up(void);
bool acts_all_held(void);
void acts_count_refused(uint64_t n);
void acts_count_failed(uint64_t n);

/* Closes and connects; ends the program when that does not work. */
void act_again(struct vif *v);
/* What each row ends with, whatever it found: why is NULL when it held. */
void act_finish(struct vif *v, const struct row *row, const char *why);
/* The question, and whether dom0 answers it. */
bool act_asks(struct vif *v);
/* Puts n questions and sends them; false when not all are accepted. */
bool act_asks_often(struct vif *v, unsigned int n);
/* finish, of a row that must be closed by now. */
void act_finish_closed(struct vif *v, const struct row *row);

/* ---- packets (packets.c) ---- */

/* Fills slots, and does not announce them; returns how many. */
unsigned int put_packet(struct vif *v, const struct packet *p);

/* A packet that is refused, or served and answered by dom0. */
void act_packet(struct vif *v, const struct row *row);
/* So many that are refused, a ring at a time: nothing may pile up. */
void act_packets(struct vif *v, const struct row *row);
/* One that is the end of the interface. */
void act_closing_packet(struct vif *v, const struct row *row);

/* ---- rings (rings.c) ---- */

/* A producer that is off by so many: the end of it. */
void act_tx_producer(struct vif *v, const struct row *row);
void act_rx_producer(struct vif *v, const struct row *row);
void act_ctrl_producer(struct vif *v, const struct row *row);
/* Slots to receive in that cannot be written; GOOD: but read. */
void act_rx_grants(struct vif *v, const struct row *row);
/* For so many milliseconds no slots at all, and questions nevertheless. */
void act_hoard(struct vif *v, const struct row *row);
/* So many events that tell nothing. */
void act_storm(struct vif *v, const struct row *row);
/* A request to the control ring. */
void act_ctrl(struct vif *v, const struct row *row);

/* ---- races (races.c), for a second vCPU ---- */

/* Slots to send change while they are read, but not how many make a packet. */
void act_race(struct vif *v, const struct row *row);
/* That as well: it may be closed at any time. */
void act_wild_race(struct vif *v, const struct row *row);
/* Slots to receive in change. */
void act_rx_race(struct vif *v, const struct row *row);
/* Broken packets, closed and connected, until the guest is no more. */
__attribute__((noreturn)) void act_rage(struct vif *v);

/* ---- the store (keys.c) ---- */

/* A key that is wrong: refused. */
void act_key(struct vif *v, const struct row *row);
/* A state that is none, or not one to follow: closed. */
void act_state(struct vif *v, const struct row *row);
/* Connected, written so often. */
void act_state_flood(struct vif *v, const struct row *row);
/* Closed and Connected in turn, so often. */
void act_state_toggle(struct vif *v, const struct row *row);
/* Another back end is claimed, and it is closed. */
void act_back_end(struct vif *v, const struct row *row);

#endif
