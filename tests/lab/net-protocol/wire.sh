# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# What the guest sends beyond dom0: by a link whose ends do nothing
# themselves, as a wire. The frames there have right checksums and are short.

far=10.0.0.77 far_6=fd00::77

while read -r file; do
	insmod "$file" 2>/dev/null
done </lab/net-protocol/modules
ip netns add far
ip link add wire0 type veth peer name wire1 netns far
ip link set wire0 master xenbr0 up
ip netns exec far ip link set lo up
ip netns exec far ip link set wire1 up
ip netns exec far ip addr add $far/24 dev wire1
ip netns exec far ip addr add $far_6/64 dev wire1 nodad
offload wire0 off >/dev/null
ip netns exec far offload wire1 off >/dev/null
ip netns exec far talk serve >/dev/null 2>&1 &
far_server=$!
ip netns exec far wire wire1 >/run/wire &
watcher=$!

on_wire() { sed -n "s/^$1 //p" /run/wire; }
small_sizes="1 2 17 18 19 500 1451 1452"

need "wire: somebody listens" wait_for listens /run/wire 10
check "wire: the guest reaches beyond" guest_does \
	"ping -q -c 1 -w 10 $far >/dev/null && echo same"
for host in $far $far_6; do
	check "wire: TCP to $host" guest_does "talk tcp $host put 2097152"
	check "wire: TCP from $host" guest_does "talk tcp $host get 2097152"
	check "wire: datagrams to $host" guest_does \
		"talk udp $host $small_sizes"
done
kill -TERM $watcher
wait $watcher
check "wire: TCP segments were seen" above "$(on_wire tcp4)" 1400
check "wire: and of IPv6" above "$(on_wire tcp6)" 1400
check "wire: and datagrams" same "$(on_wire udp4)" 8
check "wire: and of IPv6" same "$(on_wire udp6)" 8
check "wire: no checksum was wrong" same "$(on_wire bad)" 0
check "wire: none was longer than an Ethernet frame" same "$(on_wire longest)" 1514
kill $far_server
wait $far_server 2>/dev/null
ip netns del far
wait_until 5 fails test -e /sys/class/net/wire0
