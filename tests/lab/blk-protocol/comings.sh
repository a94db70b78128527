# shellcheck shell=bash disable=SC2154 # names shared with ../blk-protocol.test
# SPDX-License-Identifier: MIT
#
# A front end that goes at any moment: the guest takes a disk from its driver
# while it is at work on it, time and again, and each time the disk is taken
# away and given anew. Its other disk hears nothing of it.

times=6

comings_back() { echo "/local/domain/0/backend/xnblk/$domid/51728"; }
has_closed() { same "$(xenstore-read "$(comings_back)/state")" 6; }

# worker_of VDEV: its process, or null
worker_of() {
	xn block-list --json comings |
		jq -r ".[] | select(.vdev == \"$1\").pid"
}

has_no_worker() { same "$(worker_of "$1")" null; }

# goes_and_comes MS: goes after so long, and is given again
goes_and_comes() {
	guest_run comings "sh /etc/tests let_go xvdb vbd-51728 $1" \
		>/run/comings || return 1
	grep -q "let go of xvdb" /run/comings &&
		wait_until 10 has_closed &&
		wait_until 10 has_no_worker xvdb &&
		xn block-detach comings xvdb &&
		xn block-attach comings /tmp/coming.img,raw,xvdb,rw
}

all_go_and_come() {
	local i
	for ((i = 0; i < times; i++)); do
		goes_and_comes $((RANDOM % 400)) || return 1
	done
}

make_image /tmp/comings.img
make_image /tmp/coming.img
make_config comings "" \
	'disk = [ "/tmp/comings.img,raw,xvda,rw", "/tmp/coming.img,raw,xvdb,rw" ]'
need "comings: xn create" xn create /tmp/comings.cfg
need "comings: it comes up" guest_says comings up 150
domid=$(xn domid comings)
first=$(worker_of xvda)
check "comings: it lets go under load $times times, and connects again" \
	all_go_and_come
check "comings: the last one works" test -n "$(guest_run comings \
	"sh /etc/tests read_disk xvdb 4" | grep -w "$(sum_of_read /tmp/coming.img 4)")"
check "comings: so does the other disk" test -n "$(guest_run comings \
	"sh /etc/tests read_disk xvda 4" | grep -w "$(sum_of_read /tmp/comings.img 4)")"
check "comings: served by whom it was" same "$(worker_of xvda)" "$first"
check "comings: the guest's kernel is well" same "$(guest_run comings \
	"dmesg | grep -cE 'BUG|Oops|WARNING|blocked for more'")" 0
check "comings: xn destroy" xn destroy comings
rm /tmp/comings.img /tmp/coming.img
