# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# Frames of 9000 bytes, on a bridge of such. The guest is told of it; Linux's
# front end does not look, so that whoever runs it says it again.

ip link add jumbo0 type bridge
ip link set jumbo0 mtu 9000 up
ip addr add 10.0.30.1/24 dev jumbo0
front_mtu() { xenstore-read "/local/domain/${domid[$guest]}/device/vif/1/mtu"; }
# in fragments, no packet would be
larger_than_usual() { ((sent > 1514 && received > 1514)); }

check "jumbo: xn network-attach" xn network-attach "$guest" bridge=jumbo0
tap=vif${domid[$guest]}.1
check "jumbo: the bridge's mtu is the tap's" \
	same "$(cat "/sys/class/net/$tap/mtu")" 9000
check "jumbo: and is told to the guest" same "$(front_mtu)" 9000
check "jumbo: which has it" guest_does "address eth1 10.0.30.2/24 && \
	ip link set eth1 mtu 9000 && ping -q -c 1 -w 10 10.0.30.1 >/dev/null && \
	echo same"
count_begin
check "jumbo: large pings to dom0" guest_does \
	"ping -q -s 8900 -c 2 -w 10 10.0.30.1 >/dev/null && echo same"
check "jumbo: and from dom0" pings -s 8900 10.0.30.2
count_end
check "jumbo: in one frame each" larger_than_usual
check "jumbo: TCP to dom0" guest_does "talk tcp 10.0.30.1 put $mib8"
check "jumbo: TCP from dom0" does talk tcp 10.0.30.2 put "$mib8"
check "jumbo: datagrams to dom0 and back" guest_does \
	"talk udp 10.0.30.1 1 8972 8973 65507"
check "jumbo: xn network-detach" xn network-detach "$guest" 1
ip link del jumbo0
