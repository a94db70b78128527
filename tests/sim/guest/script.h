/* SPDX-License-Identifier: MIT */
/*
 * Scripts: tables of what a guest does and of what the back ends owe it, or
 * each other's guests, in return. A step is one line of TAP.
 */
#ifndef XN_SIM_GUEST_SCRIPT_H
#define XN_SIM_GUEST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/net.h"

struct err;
struct event_base;
struct scene;
struct step;

/*
 * 0: the promise was held. -ENOTSUP: it cannot be tried here, *e says why.
 * Any other -errno: it was broken, *e says how.
 */
typedef int step_act(struct scene *s, const struct step *step, struct err *e);

/* Which grants the segments of a lying request name. */
enum lie_ref {
	REF_GOOD,
	REF_NEVER_GRANTED,
	REF_LAST_NEVER_GRANTED,
	REF_HUGE,
	REF_REVOKED,
	REF_READ_ONLY,
	REF_TRANSFER,	  /* an entry of another type */
	REF_OTHER_DOMAIN, /* granted to domain 77 */
	REF_NO_FRAME,	  /* of a frame that the machine does not have */
	REF_OTHERS_FRAME, /* … that is not the guest's */
};

/* A status that a request must get; of two at the end, any will do. */
enum { ANSWER_REFUSED = -100, ANSWER_ANY = -101 };

struct blk_lie {
	uint8_t operation;
	uint8_t segments;
	uint8_t first, last; /* sectors of each segment; 0, 0: all 8 */
	bool from_end;	     /* sector is added to the disk's size */
	uint64_t sector;
	uint64_t sectors; /* BLKIF_OP_DISCARD */
	uint16_t indirect_segments;
	enum lie_ref ref;
	int status; /* BLKIF_RSP_… or ANSWER_… */
};

struct net_lie {
	unsigned int slots;
	uint16_t size;	 /* of the packet, as the first slot has it */
	uint16_t piece;	 /* of each further slot */
	uint16_t offset; /* of all */
	uint16_t flags;	 /* of the first */
	enum lie_ref ref;
	uint8_t extras;	    /* slots of extra information */
	uint8_t extra_type; /* XEN_NETIF_EXTRA_TYPE_… */
	uint8_t gso_type;   /* XEN_NETIF_GSO_TYPE_… */
	uint16_t gso_size;
	bool tcp;	   /* it has a segment of TCPv4 in it, in which … */
	uint16_t wrong_at; /* … this byte, unless 0, … */
	uint8_t wrong;	   /* … is this */
	int status;	   /* NETIF_RSP_… or ANSWER_… */
};

/* A frame from the first interface to the second, as flow.h has it. */
struct net_crossing {
	struct net_want want; /* of the second */
	uint32_t size;
	uint32_t piece; /* in each slot; 0: a page */
	bool ipv6, udp;
	bool gso;   /* it stands for several, */
	bool uncut; /* and has to come as it is */
	bool blank; /* as its sum has to */
};

/* A request of an interface's control ring. */
struct ctrl_lie {
	uint16_t type;	  /* XEN_NETIF_CTRL_TYPE_… */
	uint32_t data[3]; /* data[0] is a page's grant if with_page */
	bool with_page;
	enum lie_ref ref;
	uint32_t entry;	 /* what that page begins with */
	uint32_t status; /* XEN_NETIF_CTRL_STATUS_… */
};

struct index_lie {
	unsigned int which; /* RING_REQ_PROD … of front.h */
	bool rx;	    /* the ring of an interface to receive in */
	bool relative;	    /* by is added to what is there */
	uint32_t by;
	bool goes_on; /* the device does; else it is closed */
};

struct key_lie {
	const char *key;
	const char *text;	     /* NULL: no such node */
	bool goes_on;		     /* it is served all the same */
	const struct net_want *want; /* an interface; NULL: the plainest */
};

struct step {
	const char *says; /* what is done: what must hold */
	step_act *act;
	union {
		struct blk_want blk_want;
		struct net_want net_want;
		struct blk_lie blk;
		struct net_lie net;
		struct net_crossing crossing;
		struct ctrl_lie ctrl;
		struct {
			const char *text;
			uint32_t bytes;
		} headroom;
		struct index_lie index;
		struct key_lie key;
		unsigned int number;
	};
};

struct script {
	const char *name;
	const char *says;
	const struct step *steps;
	size_t n;
	struct blk_want want; /* how disks are used, unless a step says */
	bool rests;	      /* see struct scene */
};

#define SCRIPT(called, about, table) \
	SCRIPT_FOR(called, about, table, .abi = BLK_X86_64)
/* Behind the table come members of want. */
#define SCRIPT_FOR(called, about, table, ...)                  \
	{                                                      \
		.name = called, .says = about, .steps = table, \
		.n = sizeof(table) / sizeof((table)[0]),       \
		.want = {__VA_ARGS__},                         \
	}

/* All there are; ends with NULL. */
extern const struct script *const scripts[];

/*
 * Plays it on a domain and prints TAP. How many steps failed, or -errno with
 * *e set when it could not be begun.
 */
int script_play(const struct script *script, struct event_base *base,
		uint32_t domid, struct err *e);

/* Each in the file of its name; the ends in vanish.c, races in races.c. */
extern const struct script blk_behave, blk_blind, blk_change, blk_lies,
	blk_lies_32, blk_lies_persistent, blk_ring_lies, blk_key_lies,
	blk_races, blk_races_32, blk_races_persistent;
extern const struct script net_behave, net_offload, net_wishes, net_lies,
	net_rx_lies, net_key_lies, net_ctrl_lies, net_races;
extern const struct script bus_lies, store_lies;
extern const struct script console_behave, console_lies, console_input_lies;
extern const struct script vanish_poweroff, vanish_reboot, vanish_crash,
	vanish_ports, vanish_odd, vanish_frozen;

#endif
