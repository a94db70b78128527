# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# A front end that lets go of its interface at any moment while frames go both
# ways, and takes it again; and one that is down for a moment.

times=5

# goes_and_comes MS: goes after so long
goes_and_comes() {
	talk flood "$address" 3000 >/dev/null &
	guest_does "come-again $1 $address $address_6"
	wait $!
}

all_go_and_come() {
	local i
	for ((i = 0; i < times; i++)); do
		goes_and_comes $((RANDOM % 700)) || return 1
	done
}

check "comings: it lets go under load $times times, and connects again" \
	all_go_and_come
check "comings: TCP to dom0" guest_does "talk tcp $dom0 put $mib8"
check "comings: TCP from dom0" does talk tcp "$address" put "$mib8"
check "comings: by IPv6, too" does talk tcp "$address_6" put "$mib8"
check "comings: frames lie in granted pages again" same "$(granted)" 4
check "comings: down and up" guest_does "talk flood $dom0 2000 >/dev/null & \
	ip link set eth0 down; usleep 300000; ip link set eth0 up; \
	ping -q -c 2 -w 10 $dom0 >/dev/null && echo same"
check "comings: TCP from dom0 again" does talk tcp "$address" put "$mib8"
