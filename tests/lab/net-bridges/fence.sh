# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# A guest that is kept to its addresses: with another one, or another MAC,
# nothing of it gets out, which is counted; with its own all works again.

# dropped CHAIN: how many packets it has
dropped() {
	/usr/libexec/xn/xn-nft "list chain netdev xn-plug1 $1" |
		sed -n 's/.*counter packets \([0-9]*\) .*drop.*/\1/p' | head -n 1
}

own="ip addr add 10.0.1.2/24 dev eth1 && $(pings 10.0.1.1)"

check "a fence: xn network-attach" plug bridge=xenbr1 ip=10.0.1.2
check "a fence: the guest reaches the bridge" guest_is "$own"
was=$(dropped check_arp)
check "a fence: with another address it does not" guest_is \
	"ip addr add 10.0.1.3/24 dev eth1 && $(pings_not 10.0.1.1)"
check "a fence: that is counted" above "$(dropped check_arp)" "$was"
check "a fence: with its own it does again" guest_is "$own"
was=$(dropped guest)
check "a fence: with another MAC it does not" guest_is \
	"ip link set eth1 down && ip link set eth1 address 00:16:3e:00:00:79" \
	"&& ip link set eth1 up && ip addr add 10.0.1.2/24 dev eth1 &&" \
	"$(pings_not 10.0.1.1)"
check "a fence: that is counted, too" above "$(dropped guest)" "$was"
check "a fence: with its own MAC it does again" guest_is \
	"ip link set eth1 down && ip link set eth1 address $mac &&" \
	"ip link set eth1 up && $own"
check "a fence: it goes with the interface" unplug
