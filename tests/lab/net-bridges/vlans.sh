# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# A bridge that filters VLANs, itself in 10 without a tag: the guest reaches it
# from an access port of 10, not from one of 20, and with tags from a trunk.

# vlans_of: those of the tap, as "10 PVID,Egress Untagged;20 "
vlans_of() {
	bridge -j vlan show dev plug1 | jq -r '[.[0].vlans[] |
		"\(.vlan) " + ((.flags // []) | join(","))] | join(";")'
}

ip link add vlanbr type bridge vlan_filtering 1
ip addr add 10.0.2.1/24 dev vlanbr
ip link set vlanbr up
bridge vlan add dev vlanbr vid 10 self pvid untagged

check "VLANs: an access port of the bridge's own" plug bridge=vlanbr vlan=10
check "VLANs: it is in that one only" \
	same "$(vlans_of)" "10 PVID,Egress Untagged"
check "VLANs: the guest reaches the bridge" guest_is \
	"ip addr add 10.0.2.2/24 dev eth1 && $(pings 10.0.2.1)"
check "VLANs: it is unplugged" unplug

check "VLANs: an access port of another" plug bridge=vlanbr vlan=20
check "VLANs: it is in that other only" \
	same "$(vlans_of)" "20 PVID,Egress Untagged"
check "VLANs: the guest does not reach the bridge" guest_is \
	"ip addr add 10.0.2.2/24 dev eth1 && $(pings_not 10.0.2.1)"
check "VLANs: it is unplugged, too" unplug

check "VLANs: a trunk" plug bridge=vlanbr vlan=20p/10/30-33
check "VLANs: all of it are in it" \
	same "$(vlans_of)" "10 ;20 PVID,Egress Untagged;30 ;31 ;32 ;33 "
check "VLANs: the guest reaches the bridge by a tag" guest_is \
	"ip link add link eth1 name eth1.10 type vlan id 10 &&" \
	"ip link set eth1.10 up && ip addr add 10.0.2.2/24 dev eth1.10 &&" \
	"$(pings 10.0.2.1) && ip link del eth1.10"
check "VLANs: the trunk is unplugged" unplug
