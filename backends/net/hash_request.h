/* SPDX-License-Identifier: MIT */
/*
 * A request of a guest's control ring: <xen/io/netif.h>, "Control messages".
 * Those about hashes are carried out, what maps grants for good is not
 * supported. Pure but for the fetching of what a request refers to.
 */
#ifndef XN_NET_HASH_REQUEST_H
#define XN_NET_HASH_REQUEST_H

#include <stdbool.h>

#include "wishes.h"
#include "xen/abi.h"

/*
 * Copies size bytes (1 to 4096) from the beginning of the guest's page. False
 * when that cannot be done.
 */
typedef bool hash_fetch(void *arg, uint32_t gref, uint32_t size, void *to);

/*
 * Carries out req, a private copy, for a guest with so many queues, and fills
 * all of *rsp. *h stays sound (wishes_are_sound), and as it was when the
 * request is refused. True when it has changed.
 */
bool hash_request(struct wishes_hash *h, unsigned int n_queues,
		  hash_fetch *fetch, void *arg,
		  const struct xen_netif_ctrl_request *req,
		  struct xen_netif_ctrl_response *rsp);

#endif
