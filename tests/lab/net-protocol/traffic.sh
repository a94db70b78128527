# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# IPv4 and IPv6 with what Linux leaves to the interface, and with nothing left
# to it. Its front end cannot be kept from offering to receive whatever there
# is; so it is the tap that is told to have all done before.

# The checksums of IPv4 a front end of Linux always leaves to us.
all_is() {
	guest_says_so "offload eth0 $1" "tx on, sg $1, tso $1, gso $1" &&
		same "$(offload "$tap" "$1")" \
			"tx $1, sg $1, tso $1, gso $1"
}

# Without this, TCP makes its super-frames as small as this machine is slow.
min_segments=/proc/sys/net/ipv4/tcp_min_tso_segs
read -r segments_were <$min_segments
check "TCP is to send large frames" guest_does \
	"echo 16 >$min_segments && echo same"
echo 16 >$min_segments

# 18 bytes fill the smallest frame of IPv4, 1472 and 1452 one of 1500 bytes
sizes="1 2 17 18 19 1451 1452 1453 1472 1473 4096 8999 32768 65507"

# carries HOW VERSION HOST GUEST-HOST
carries() {
	check "$1, $2: ping to dom0" guest_does "ping -q -c 2 -w 10 $3 \
		>/dev/null && echo same"
	check "$1, $2: ping from dom0" pings "$4"
	check "$1, $2: datagrams to dom0 and back" guest_does \
		"talk udp $3 $sizes"
	# shellcheck disable=SC2086 # words are wanted
	check "$1, $2: datagrams from dom0 and back" does talk udp "$4" $sizes
	count_begin
	check "$1, $2: TCP to dom0" guest_does "talk tcp $3 put $mib8"
	count_end
	mean_sent=$sent
	count_begin
	check "$1, $2: TCP from dom0" does talk tcp "$4" put "$mib8"
	count_end
	sent=$mean_sent
	say "$1, $2: $sent bytes a packet to dom0, $received back"
}

# With a segment a packet it is no more than an mtu and an Ethernet header.
in_segments() { ((sent <= 1514 && received <= 1514)); }
in_super_frames() { ((sent >= 4096 && received >= 4096)); }

for version in "IPv4 $dom0 $address" "IPv6 $dom0_6 $address_6"; do
	# shellcheck disable=SC2086 # words are wanted
	carries on $version
	check "on, ${version%% *}: in super-frames, both ways" in_super_frames
done
check "all is switched off" all_is off
for version in "IPv4 $dom0 $address" "IPv6 $dom0_6 $address_6"; do
	# shellcheck disable=SC2086 # words are wanted
	carries off $version
	check "off, ${version%% *}: in segments, both ways" in_segments
done
check "and on again" all_is on
check "dom0 has seen no wrong checksum" same "$(csum-errors)" 0
check "nor has the guest" guest_says_so csum-errors 0
echo "$segments_were" >$min_segments
