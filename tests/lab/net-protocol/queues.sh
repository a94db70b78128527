# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# Several queues: connections are spread over them, both ways. Sixteen, for
# the guest draws a queue for each.

# shellcheck disable=SC2016 # awk's
busy='awk '\''$NF ~ /^vif0-q[0-9]+-[rt]x$/ {
	s = 0; for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) s += $i
	if (s > 100) print $NF }'\'' /proc/interrupts'

n_queues() {
	xenstore-read "/local/domain/${domid[$guest]}/device/vif/0/multi-queue-num-queues"
}

flow serve </dev/null >/dev/null 2>&1 &
flow_server=$!
check "queues: there are two" same "$(n_queues)" 2
check "queues: TCP to dom0" guest_says_like \
	"flow load $dom0 tcp 16 1500" '^[1-9][0-9]* '
check "queues: TCP from dom0" like \
	"$(flow load "$address" tcp 16 1500)" '^[1-9][0-9]* '
check "queues: all are busy" guest_says_so "${busy//$'\n'/ }" \
	"vif0-q0-tx vif0-q0-rx vif0-q1-tx vif0-q1-rx"
kill $flow_server
