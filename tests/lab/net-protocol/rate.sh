# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# What the guest may send is held to its rate, and reaches it; so does another
# that it is given while it runs.

ip link add slow0 type bridge
ip link set slow0 up
ip addr add 10.0.30.1/24 dev slow0
flow serve </dev/null >/dev/null 2>&1 &
flow_server=$!

# rate_held RATE: in bytes a second, within a fifth, by the server's count of
# 5 seconds
rate_held() {
	local rate=$1 bytes us
	guest_do "$guest" "flow load 10.0.30.1 tcp 1 6000" || return 1
	read -r bytes us _ <<<"$guest_said"
	[[ $us =~ ^[1-9][0-9]*$ ]] || { say "flow: $guest_said"; return 1; }
	figure "a rate of $rate bytes a second: $((bytes * 1000000 / us))"
	((bytes * 10 >= us * 8 * rate / 1000000 &&
		bytes * 10 <= us * 12 * rate / 1000000))
}

check "rate: xn network-attach" \
	xn network-attach "$guest" bridge=slow0 rate=2MB/s
check "rate: the guest has it" guest_does "address eth1 10.0.30.2/24 && echo same"
check "rate: it is held" rate_held 2000000
check "rate: xn network-set" xn network-set "$guest" 1 rate=4MB/s
check "rate: the new one is held" rate_held 4000000
check "rate: xn network-detach" xn network-detach "$guest" 1
kill $flow_server
ip link del slow0
