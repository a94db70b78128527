/* SPDX-License-Identifier: MIT */
/*
 * A network front end: handshake, one pair of rings a queue, packets in slots
 * of any shape, frames received. What the back end owes every guest is
 * watched all the time; bus_check tells of the first breach.
 */
#ifndef XN_SIM_GUEST_NET_H
#define XN_SIM_GUEST_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tests/sim/guest/bus.h"
#include "tests/sim/guest/front.h"
#include "tests/sim/guest/net_ctrl.h"

#define NET_QUEUES_MAX 4
#define NET_SLOTS      256 /* of a one-page ring, both ways */
#define NET_FRAME_MAX  65536
#define NET_KEPT       64 /* frames received, and not yet taken */
#define NET_EXTRAS     6  /* types of extra information */
#define NET_EXTRA_XDP  5  /* which Debian 12's headers have not */

struct net_want {
	unsigned int queues; /* 0: one, without the keys of several */
	bool one_port;	     /* even if two are offered */
	bool no_sg;
	bool gso;	/* takes TCP uncut, over IPv4 and IPv6 */
	bool no_csum;	/* takes no blank checksum of IPv4 */
	bool csum6;	/* takes those of IPv6 */
	bool ctrl;	/* with a control ring, if that is offered */
	bool multicast; /* gets only what it asks for, if that is offered */
	uint32_t headroom;
};

struct net_page {
	uint8_t *data;
	uint32_t ref;
};

struct net_frame {
	uint8_t *data; /* owned */
	uint32_t size;
	uint16_t flags;	 /* NETRXF_… of its first slot */
	uint16_t offset; /* in the page of that slot */
	struct netif_extra_info extras[NET_EXTRAS]; /* by type; 0: none */
};

struct net_queue {
	struct net *net; /* borrowed */
	struct front tx, rx;
	struct net_page tx_ring, rx_ring;
	uint32_t tx_port, rx_port;	     /* the same, or two */
	struct net_page rx_pages[NET_SLOTS]; /* by id */
	uint16_t rx_ids[NET_SLOTS];	     /* by place in the ring */

	/* Of each tx id: asked and not yet answered, and the last answer. */
	bool tx_busy[NET_SLOTS];
	int16_t tx_status[NET_SLOTS];
	unsigned int tx_extras; /* slots without an id, not yet answered */

	bool hoards;		/* slots received in are not posted again … */
	unsigned int n_hoarded; /* … but kept here */
	uint16_t hoarded[NET_SLOTS];

	struct net_frame part; /* what has come of an unfinished frame */
	bool part_bad;
	bool part_more;	       /* it has slots with data to come */
	bool extra_next;       /* and the next one has extra information */
	unsigned int n_frames; /* kept, oldest first */
	struct net_frame frames[NET_KEPT];
	unsigned int rx_errors; /* frames that the back end could not place */
};

struct net {
	struct guest *guest; /* borrowed */
	uint32_t devid;
	struct bus bus;
	bool racing;	       /* its slots are not what was put there */
	struct net_want want;  /* what it got, once prepared */
	unsigned int n_queues; /* open ones */
	struct net_queue queues[NET_QUEUES_MAX];
	struct net_ctrl ctrl; /* open when it has been asked for */
	uint8_t mac[6];
};

/* NULL with *e set. Only looks. */
struct net *net_new(struct guest *g, uint32_t devid, struct err *e);
/* Leaves the device as it is, connected or not. NULL is fine. */
void net_free(struct net *n);

/* As the three of blk.h; publishing ends in Connected, as netfront's does. */
int net_connect(struct net *n, const struct net_want *want, struct err *e);
int net_prepare(struct net *n, const struct net_want *want, struct err *e);
int net_publish(struct net *n, const char *wrong_key, const char *wrong,
		struct err *e);
int net_settle(struct net *n, struct err *e);
int net_disconnect(struct net *n, struct err *e);

/*
 * Asks for so much room before each frame, by way of Reconfiguring. 0 or
 * -errno with *e set.
 */
int net_reconfigure(struct net *n, const char *headroom, struct err *e);

bool net_is_connected(const struct net *n);

#endif
