/* SPDX-License-Identifier: MIT */
/*
 * Guests with one network queue each, for tests: the Xen libraries' grant and
 * event-channel calls, simulated in this process, and the frontend's side of
 * both rings. The tap is one end of a datagram socket pair. Nothing of a guest
 * runs but within its net_guest_run, or in threads of the test's own, so that
 * each test sees the same order of things.
 */
#ifndef XN_TESTS_NET_GUEST_H
#define XN_TESTS_NET_GUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "backends/net/keeper.h"
#include "backends/net/terms.h"
#include "backends/net/vif.h"
#include "chan/msg.h"
#include "chan/net_figures.h"
#include "xen/abi.h"

/* An IPv4 TCP segment, its checksum blank (1422); complete it is b777. */
#define NET_GUEST_TCP_BYTES 59u
extern const char net_guest_tcp[NET_GUEST_TCP_BYTES + 1];

#define GUESTS	      4 /* at most, at a time */
#define GUEST_PAGES   600
#define GUEST_TX_REF  0 /* the page of each ring; */
#define GUEST_RX_REF  1
#define GUEST_DATA    2 /* and from here on, pages for frames */
#define GUEST_TX_PORT 7
#define GUEST_RX_PORT 8

/*
 * A guest's own side is what no thread sanitizer may look at: it is another
 * machine's in truth, with barriers that are those of the ring's macros.
 */
#define AS_GUEST __attribute__((no_sanitize("thread")))

struct net_guest {
	unsigned int number;	/* domain 3 is 0, and so on */
	uint8_t (*pages)[4096]; /* by grant reference */
	bool refused[GUEST_PAGES];
	netif_tx_front_ring_t tx;
	netif_rx_front_ring_t rx;
	int wire; /* what the tap has for a network */
	struct vif vif;
	struct net_figures figures;
	struct terms terms;
	struct keeper keeper;
	struct event_base *base;
	struct queue *queue;
	unsigned int failures; /* the queue's last words, and how many */
	struct err why;
	uint32_t restricted_to; /* what ports it binds: of this domain */
	unsigned int maps;	/* pages mapped by the backend now */
	unsigned int bound;	/* ports */
	atomic_uint heard;	/* notifications that the guest got */
	unsigned int unmasked; /* how often the backend let a port ring again */
	bool rings_always;     /* at once after each unmask, for nothing */
};

/* A guest, its rings at index first, that nothing serves yet. */
void net_guest_begin(struct net_guest *g, uint32_t flags, uint32_t first);

/* Then a queue that serves them, as net_guest_start's. */
void net_guest_serve(struct net_guest *g, bool split);

/* Called after each batch of grant copies; NULL: nothing is. */
extern void (*net_guest_copied)(void);

/*
 * Starts with both rings empty at index first, and a queue that serves them.
 * flags: MSG_NET_…. split: two event channels, and frames
 * go to the tap many at once.
 */
void net_guest_start(struct net_guest *g, uint32_t flags, bool split,
		     uint32_t first);

/* As xnd would say; they must be possible. */
void net_guest_set_terms(struct net_guest *g, struct msg_net_terms terms);

/* Closes everything; asserts that nothing stays mapped or bound. */
void net_guest_stop(struct net_guest *g);

/* Runs the backend for ms milliseconds, and until it has nothing to do. */
void net_guest_run(struct net_guest *g, unsigned int ms);

/* Writes a transmit slot; publish makes all that were written visible. */
void net_guest_put_tx(struct net_guest *g, uint32_t gref, uint16_t offset,
		      uint16_t size, uint16_t flags, uint16_t id);
void net_guest_publish_tx(struct net_guest *g);

/* Posts n receive slots on the pages from gref on, ids alike, and rings. */
void net_guest_post_rx(struct net_guest *g, uint32_t gref, unsigned int n);

/* The oldest response not yet taken. Fails the test when there is none. */
struct netif_tx_response net_guest_tx_response(struct net_guest *g);
struct netif_rx_response net_guest_rx_response(struct net_guest *g);
bool net_guest_has_rx(struct net_guest *g);

/* Rings a port (the guest's number) as the hypervisor would. */
void net_guest_ring(struct net_guest *g, uint32_t port);

#endif
