# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# In no bridge: dom0 has routes to the guest, and is there by an address that
# it has elsewhere.

check "routed: xn network-attach" plug gatewaydev=xenbr1 \
	"ip=10.0.4.2 10.0.5.0/24 2001:db8:4::/64"
check "routed: a route to the address" \
	same "$(ip -j route show 10.0.4.2 | jq -r '.[0].dev')" plug1
check "routed: a route to the network" \
	same "$(ip -j route show 10.0.5.0/24 | jq -r '.[0].dev')" plug1
check "routed: a route of IPv6" \
	same "$(ip -6 -j route show 2001:db8:4::/64 | jq -r '.[0].dev')" plug1
check "routed: the guest reaches dom0 by the address that was lent" guest_is \
	"ip addr add 10.0.4.2/32 dev eth1 &&" \
	"ip route add 10.0.1.1 dev eth1 src 10.0.4.2 && $(pings 10.0.1.1)"
check "routed: and by IPv6, at the address that all hosts have" guest_is \
	"sleep 2; $(pings fe80::fcff:ffff:feff:ffff%eth1)"
check "routed: a route that is there is refused" \
	refused "there is a route to 10.0.4.2 already, to interface plug1" \
	gatewaydev=xenbr1 ip=10.0.4.2 mac=00:16:3e:00:00:78
check "routed: xn network-detach" unplug
check "routed: no route is left" \
	same "$(ip route show 10.0.4.2; ip route show 10.0.5.0/24)" ""
