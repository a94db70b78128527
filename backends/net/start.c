/* SPDX-License-Identifier: MIT */
/* Reading the message that starts a vif. */
#include "start.h"

#include <errno.h>

#include "base/err.h"

#define FLAGS                                                        \
	(MSG_NET_SG | MSG_NET_NO_CSUM | MSG_NET_IPV6_CSUM |          \
	 MSG_NET_RX_NOTIFY | MSG_NET_GSO_TCPV4 | MSG_NET_GSO_TCPV6 | \
	 MSG_NET_CTRL)

int start_check(const struct msg_net_start *start, unsigned int n_queues,
		struct err *e)
{
	if (start->flags & ~FLAGS)
		return err_set(e, EINVAL, "started with flags %u",
			       start->flags);
	if (start->n_queues == 0 || start->n_queues > n_queues)
		return err_set(e, EINVAL, "started with %u queues of %u",
			       start->n_queues, n_queues);
	return 0;
}

void start_wires(const struct msg_net_start *start, unsigned int i,
		 struct queue_wires *wires)
{
	const struct msg_net_queue *queue = &start->queues[i];

	*wires = (struct queue_wires){
		.tx_ring_ref = queue->tx_ring_ref,
		.rx_ring_ref = queue->rx_ring_ref,
		.tx_port = queue->tx_port,
		.rx_port = queue->rx_port,
	};
}
