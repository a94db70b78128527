# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# What cannot be: one clear line each, and nothing is left of it.

ip link add emptybr type bridge
links_before=$(ls /sys/class/net)
check "refused: a bridge that is not there" refused "nobr0" bridge=nobr0
check "refused: an interface that is no bridge" refused "lo" bridge=lo
check "refused: a name that is taken" refused "xenbr1" \
	bridge=xenbr1 vifname=xenbr1
check "refused: VLANs of a bridge that has none" \
	refused "ip link set xenbr1 type bridge vlan_filtering 1" \
	bridge=xenbr1 vlan=10
check "refused: a gateway that is not there" refused "nodev0" gatewaydev=nodev0
check "refused: a gateway without an address" \
	refused "interface emptybr: has no IPv4 address" gatewaydev=emptybr
check "refused: addresses, and a name that nftables has no word for" \
	refused "its guest cannot be kept to its addresses" \
	bridge=xenbr1 ip=10.0.1.2 "vifname=plug#1"
check "refused: a MAC that is in use" \
	refused "mac" bridge=xenbr1 \
	"mac=$(xn network-list --json plug | jq -r '.[0].mac')"
check "refused: nothing is left" same "$(ls /sys/class/net)" "$links_before"
