/* SPDX-License-Identifier: MIT */
/* Rings that are none, grants that do not hold, and events about nothing. */
#include "acts.h"

#include <string.h>

/* Questions at a time, where there are many. */
#define MANY 100

void act_tx_producer(struct vif *v, const struct row *row)
{
	*(volatile RING_IDX *)&v->tx->req_prod = v->put + (RING_IDX)row->number;
	port_ring(v->tx_port);
	act_finish_closed(v, row);
}

/* Nobody looks at it before there is a frame, which is dom0's answer. */
void act_rx_producer(struct vif *v, const struct row *row)
{
	v->rx_put += (RING_IDX)row->number;
	*(volatile RING_IDX *)&v->rx->req_prod = v->rx_put;
	port_ring(v->rx_port);
	act_asks_often(v, 1);
	act_finish_closed(v, row);
}

void act_ctrl_producer(struct vif *v, const struct row *row)
{
	v->ctrl_put += (RING_IDX)row->number;
	*(volatile RING_IDX *)&v->ctrl->req_prod = v->ctrl_put;
	port_ring(v->ctrl_port);
	act_finish_closed(v, row);
}

/* Asks, once for each slot and once more, until any, HEARD_…, is heard. */
static bool asks_until(struct vif *v, unsigned int any)
{
	unsigned int i, heard = 0;

	for (i = 0; i <= RX_PAGES && !(heard & any); i++) {
		if (!act_asks_often(v, 1))
			return false;
		heard = vif_hears(v, HEARD_ARP | HEARD_ERROR);
	}
	return heard & any;
}

/* Each slot that comes back is posted with the grant that does not hold. */
void act_rx_grants(struct vif *v, const struct row *row)
{
	const char *why = NULL;

	v->rx_ref = row->number == GOOD ? v->tx_pages[1].ref
					: acts_ref((enum ref)row->number);
	if (!asks_until(v, HEARD_ERROR))
		why = "there was no error";
	v->rx_ref = 0;
	if (!why && !asks_until(v, HEARD_ARP))
		why = "good slots are not used";
	act_finish(v, row, why);
}

/*
 * A guest that does not ring for slots is looked at for a moment, and then
 * what is for it is dropped; xnd counts that. What it says of this is the
 * last frame before, so that it is heard again is all that is owed here.
 */
void act_hoard(struct vif *v, const struct row *row)
{
	const char *why = NULL;
	uint64_t end;

	vif_close();
	if (!vif_connect(v, "feature-rx-notify", "0"))
		give_up("it is not connected without feature-rx-notify");
	v->hoards = true;
	end = now_ms() + (uint64_t)row->number;
	while (!why && now_ms() < end)
		if (!act_asks_often(v, MANY))
			why = "questions are not taken";
	vif_post_all(v);
	if (!why && !act_asks(v))
		why = "it is not heard again";
	act_again(v);
	act_finish(v, row, why);
}

void act_storm(struct vif *v, const struct row *row)
{
	const uint32_t ports[] = {v->tx_port, v->rx_port, v->ctrl_port};
	int64_t i;

	for (i = 0; i < row->number; i++)
		port_ring(ports[i % 3]);
	act_finish(v, row, NULL);
}

void act_ctrl(struct vif *v, const struct row *row)
{
	struct xen_netif_ctrl_request req = row->ctrl;
	int status;

	req.id = (uint16_t)(v->ctrl_put + 1);
	if (row->with_page)
		req.data[0] = row->ref == GOOD ? v->tx_pages[TX_PAGES - 1].ref
					       : acts_ref(row->ref);
	status = vif_asks_ctrl(v, &req);
	act_finish(v, row,
		   status == row->status ? NULL
		   : status < 0		 ? "it is not answered"
					 : "it has another answer");
}
