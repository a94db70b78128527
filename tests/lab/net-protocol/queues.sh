# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# Several queues: connections are spread over them, both ways. Sixteen, for
# the guest draws a queue for each.

n_queues() {
	xenstore-read "/local/domain/${domid[$guest]}/device/vif/0/multi-queue-num-queues"
}

flow serve </dev/null >/dev/null 2>&1 &
flow_server=$!
check "queues: the guest listens" guest_does \
	"flow serve >/dev/null 2>&1 & usleep 300000; echo same"
check "queues: there are two" same "$(n_queues)" 2
check "queues: TCP to dom0" guest_says_like \
	"flow load $dom0 tcp 16 1500" '^[1-9][0-9]* '
check "queues: TCP from dom0" like \
	"$(flow load "$address" tcp 16 1500)" '^[1-9][0-9]* '
check "queues: all are busy" guest_says_so busy-queues \
	"vif0-q0-rx vif0-q0-tx vif0-q1-rx vif0-q1-tx"
kill $flow_server
