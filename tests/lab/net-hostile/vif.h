/* SPDX-License-Identifier: MIT */
/*
 * A network front end in a program: the guest's interface 0, which no driver
 * of its kernel has taken. It does as it is told, right or wrong.
 */
#ifndef XN_LAB_HOSTILE_VIF_H
#define XN_LAB_HOSTILE_VIF_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

#define __XEN_INTERFACE_VERSION__ 0x00040d00
#define xen_mb()		  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb()		  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb()		  __atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/xen.h>
#include <xen/io/netif.h>

#define SLOTS	   256 /* of a ring */
#define CTRL_SLOTS 128
#define RX_PAGES   8  /* posted */
#define TX_PAGES   17 /* 64 KiB, and what begins in mid-page */

/* What of dom0 has been heard: its answer to the last frame, by ARP or TCP. */
enum { HEARD_ARP = 1, HEARD_TCP = 2, HEARD_ERROR = 4 };

struct vif {
	struct netif_tx_sring *tx;
	struct netif_rx_sring *rx;
	struct xen_netif_ctrl_sring *ctrl;
	struct page rings[3];
	struct page tx_pages[TX_PAGES];
	struct page rx_pages[RX_PAGES];
	uint32_t tx_port, rx_port, ctrl_port;
	uint32_t put;		  /* of tx */
	uint32_t rx_put, rx_seen; /* of rx */
	uint32_t ctrl_put;
	uint32_t rx_ref; /* if not 0: what slots are posted with */
	bool hoards;	 /* posts none */
	uint8_t mac[6];
	uint8_t dom0[6];  /* the bridge's, once it has answered */
	uint8_t address;  /* its last byte, another one for each question */
	uint32_t segment; /* a number for each, which the answer repeats */
};

/* Makes its pages and ports, once for all connections. */
void vif_make(struct vif *v);

/*
 * Through the handshake, with key (NULL: none) saying text instead of what it
 * should; a text of NULL is no such node. False when the back end closes it,
 * or says nothing.
 */
bool vif_connect(struct vif *v, const char *key, const char *text);
/* Both ends Closed. */
void vif_close(void);
/* The front end's state, which need not be one; NULL: no such node. */
void vif_says_state(const char *text);
/* The back end is closing it, or has. */
bool vif_is_closed(void);
/* And says so within the time that is given to anything. */
bool vif_becomes_closed(void);
/* The same, or it is offered anew already. */
bool vif_is_let_go_of(void);
/* Prints where it stands, for who looks into why a row did not hold. */
void vif_describe(const struct vif *v);

/* The next tx slot, to be filled; there is room for all that we try. */
union netif_tx_sring_entry *vif_slot(struct vif *v);
/* Announces all that was put, and rings. */
void vif_push(struct vif *v);
/* Until all slots are answered: true; or the interface is closed. */
bool vif_wait(struct vif *v);
/* The answer to the slot that was put so many before the last one. */
const struct netif_tx_response *vif_answer(const struct vif *v,
					   uint32_t before);

/* Until any of these, HEARD_…, is heard: what was. 0: nothing in time. */
unsigned int vif_hears(struct vif *v, unsigned int any);
/* Takes frames, unlooked at, until so many have come in all; false if none. */
bool vif_takes(struct vif *v, uint32_t frames);
/* Posts all of its pages anew, which must all have come back. */
void vif_post_all(struct vif *v);

/* Asks on the control ring: the status, or -1 when there is no answer. */
int vif_asks_ctrl(struct vif *v, const struct xen_netif_ctrl_request *req);

#endif
