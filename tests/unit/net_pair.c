/* SPDX-License-Identifier: MIT */
/* Two guests that can reach each other directly. */
#include "tests/unit/net_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#define FIRST 0xffffffc0u /* both rings wrap in the course of a test */

struct msg_net_terms net_pair_terms(const struct net_pair *p,
				    const struct net_guest *g)
{
	return (struct msg_net_terms){
		.segment = PAIR_SEGMENT,
		.mtu = PAIR_MTU,
		.mac = {0, 0x16, 0x3e, 0, 0, g == &p->a ? 1 : 2},
	};
}

void net_pair_join(struct net_guest *g, const struct msg_net_terms *terms)
{
	fdb_join(g->vif.member, terms, &g->queue, 1);
}

static void start(struct net_pair *p, struct net_guest *g, uint32_t flags,
		  struct fdb_member *member)
{
	const struct msg_net_terms terms = net_pair_terms(p, g);

	net_guest_begin(g, flags, FIRST);
	g->vif.member = member;
	g->vif.n_queues = 1;
	net_guest_serve(g, true);
	net_pair_join(g, &terms);
}

void net_pair_start(struct net_pair *p, uint32_t flags)
{
	assert_int_equal(fdb_open(&p->fdb), 0);
	start(p, &p->a, PAIR_ALL, &p->fdb.members[4]);
	start(p, &p->b, flags, &p->fdb.members[31]);
}

void net_pair_stop(struct net_pair *p)
{
	fdb_leave(p->a.vif.member);
	fdb_leave(p->b.vif.member);
	net_guest_stop(&p->a);
	net_guest_stop(&p->b);
	fdb_close(&p->fdb);
}

int16_t net_pair_send(struct net_guest *a, const void *frame, uint32_t size,
		      uint16_t flags)
{
	const uint32_t last = (size - 1) / 4096;
	uint32_t i;

	memcpy(a->pages[GUEST_DATA], frame, size);
	for (i = 0; i <= last; i++)
		net_guest_put_tx(a, GUEST_DATA + i, 0,
				 (uint16_t)(i == 0	? size
					    : i == last ? size - last * 4096
							: 4096),
				 (uint16_t)(i == last
						    ? flags
						    : flags | NETTXF_more_data),
				 (uint16_t)i);
	net_guest_publish_tx(a);
	net_guest_run(a, 1);
	for (i = 0; i < last; i++)
		net_guest_tx_response(a);
	return net_guest_tx_response(a).status;
}

unsigned int net_pair_bridge(struct net_guest *a, struct net_guest *b)
{
	uint8_t frame[70000];
	unsigned int n = 0;
	ssize_t size;

	/* What b's tap has no room for is lost, as with any bridge. */
	while ((size = recv(a->wire, frame, sizeof(frame), 0)) > 0) {
		send(b->wire, frame, (size_t)size, 0);
		n++;
	}
	return n;
}
