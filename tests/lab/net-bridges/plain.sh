# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# A Linux bridge: the guest is in it, and has its mtu.

ip link set xenbr1 mtu 1400
check "a bridge: xn network-attach" plug bridge=xenbr1
check "a bridge: the tap is in it" \
	same "$(basename "$(readlink /sys/class/net/plug1/master)")" xenbr1
check "a bridge: its mtu is the tap's" \
	same "$(cat /sys/class/net/plug1/mtu)" 1400
front=/local/domain/$(xn domid plug)/device/vif/1
check "a bridge: its mtu is told to the guest" \
	same "$(xenstore-read "$front/mtu")" 1400
check "a bridge: the guest reaches it" guest_is \
	"ip addr add 10.0.1.2/24 dev eth1 && $(pings 10.0.1.1)"
check "a bridge: xn network-detach" unplug
ip link set xenbr1 mtu 1500
