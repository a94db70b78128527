/* SPDX-License-Identifier: MIT */
/*
 * Messages of xenstored's wire protocol through a shared page: whole ones
 * out, whole ones in, whatever the two 1 KiB rings make of them.
 */
#ifndef XN_SIM_GUEST_WIRE_H
#define XN_SIM_GUEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xen/abi.h"
#include <xen/io/xs_wire.h>

struct wire {
	struct xenstore_domain_interface *page; /* borrowed */
	size_t got; /* bytes of the message that is coming in */
	struct xsd_sockmsg head;
	char payload[XENSTORE_PAYLOAD_MAX + 1];
};

/*
 * Puts as much of bytes as there is room for. How many, or -EPROTO when the
 * ring's indices make no sense.
 */
long wire_put(struct wire *w, const void *bytes, size_t n);

/*
 * Takes what has come in. 1: there is a message in head and payload, which
 * has a NUL added; 0: not yet; -EPROTO. *moved: the ring has room again.
 */
int wire_take(struct wire *w, bool *moved);

#endif
