# shellcheck shell=bash disable=SC2154 # names of ../net-protocol.test
# SPDX-License-Identifier: MIT
#
# A guest that puts a program before its kernel wants room before each frame,
# and asks for it while all is connected. With one, Linux drops what needs
# more than a page: so there are to be no super-frames.

headroom() { xenstore-read "/local/domain/${domid[$guest]}/device/vif/0/xdp-headroom"; }

# xdp_is pass|drop|none BYTES: and frames have so much room
xdp_is() {
	guest_does "xdp eth0 $1 && echo same" && same "$(headroom)" "$2"
}

offload "$tap" off >/dev/null
check "xdp: a program that lets all pass" xdp_is pass 256
check "xdp: TCP goes on to dom0" guest_does "talk tcp $dom0 put 2097152"
check "xdp: and from dom0" does talk tcp "$address" put 2097152
check "xdp: and datagrams" guest_does "talk udp $dom0_6 1 1452 65507"
check "xdp: one that drops all" xdp_is drop 256
check "xdp: drops them" pings_not "$address"
check "xdp: none" xdp_is none 0
offload "$tap" on >/dev/null
check "xdp: TCP as before" does talk tcp "$address" put "$mib8"
