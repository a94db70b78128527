/* SPDX-License-Identifier: MIT */
/*
 * A network front end in a program: the guest's interface 0, which Linux's
 * netfront has let go of. It does as it is told, right or wrong.
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

#define SLOTS	  256 /* of a ring */
#define RX_PAGES  32  /* posted */
#define TX_PAGES  17  /* 64 KiB, and what begins in mid-page */
#define ARP_BYTES 42

struct vif {
	struct netif_tx_sring *tx;
	struct netif_rx_sring *rx;
	struct page rings[2];
	struct page tx_pages[TX_PAGES];
	struct page rx_pages[RX_PAGES];
	uint32_t tx_port, rx_port;
	uint32_t put, seen;	  /* of tx */
	uint32_t rx_put, rx_seen; /* of rx */
	uint32_t rx_ref;	  /* if not 0: what slots are posted with */
	uint8_t mac[6];
};

/* Makes its pages and ports, once for all connections. */
void vif_make(struct vif *v);

/*
 * Through the handshake, with key (NULL: none) saying text instead of what it
 * should; a text of NULL is no such node. False when the back end closes it.
 */
bool vif_connect(struct vif *v, const char *key, const char *text);
/* Both ends Closed, within five seconds. */
bool vif_close(struct vif *v);
/* The back end is closing it, or has. */
bool vif_is_closed(void);
/* And says so within five seconds. */
bool vif_becomes_closed(void);

/* The next tx slot, to be filled; there is room for all that we try. */
union netif_tx_sring_entry *vif_slot(struct vif *v);
/* Announces all that was put, and rings. */
void vif_push(struct vif *v);
/* Until all slots are answered: true; or the interface is closed, or 5 s. */
bool vif_wait(struct vif *v);
/* The answer to the slot that was put so many before the last one. */
const struct netif_tx_response *vif_answer(const struct vif *v,
					   uint32_t before);

/*
 * Asks dom0, by ARP, for its address: 1 when the answer is heard, -1 when a
 * slot to receive in is an error, 0 when nothing comes.
 */
int vif_asks(struct vif *v);

#endif
