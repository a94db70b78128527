# shellcheck shell=bash disable=SC2154 # names shared with ../blk-crash.test
# SPDX-License-Identifier: MIT
#
# A dead worker's write may still be in the kernel, and land on what the guest
# has written since. Here is a device on which it does: who writes from within
# a certain control group waits there for eight seconds, and the kernel keeps
# the write though the process is dead. First a program without any rule shows
# that a page is lost so; then a worker dies with a write of a guest's in that
# place, and the guest writes again.

slow=/sys/fs/cgroup/slow
slow_s=8
place=5				# the page that is written

make_slow_device() {
	truncate -s 16M /tmp/slow.img
	slow_loop=$(losetup -f --show /tmp/slow.img) || return 1
	echo +io >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p "$slow"
	echo "$(cat "/sys/block/${slow_loop##*/}/dev") wbps=$((4096 / slow_s))" \
		>"$slow/io.max"
}

page_of() { head -c 4096 /dev/zero | tr '\0' "$1"; }

# page_is LETTER: all of it
page_is() {
	cmp <(page_of "$1") <(dd if="$slow_loop" bs=4k skip=$place count=1 \
		iflag=direct 2>/dev/null)
}

# write_page LETTER: as a worker that goes on, and its guest, would
write_page() {
	page_of "$1" >/tmp/page
	dd if=/tmp/page of="$slow_loop" bs=4k seek=$place oflag=direct \
		conv=notrunc 2>/dev/null
}

# leave_ghost: a write of A, and its process dead long before that ends
leave_ghost() {
	local pid began
	(echo "$BASHPID" >"$slow/cgroup.procs" &&
		exec ghost "$slow_loop" $((place * 4096)) A) >/run/ghost 2>&1 &
	pid=$!
	wait_for writing /run/ghost 20 || return 1
	began=$SECONDS
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	above $((slow_s - 2)) $((SECONDS - began))
}

# waits_for_io: xnd does, before another worker is given the disk
waits_for_io() { wait_for "xvdb: waiting: .*still in flight" "$xnd_log" 30; }

slow_worker() {
	xn block-list --json crash | jq -r '.[] | select(.vdev == "xvdb").pid'
}

need "a device with a slow way to it" make_slow_device
check "a program dies with a write under way" leave_ghost
write_page A
write_page B
check "what is written afterwards is there" page_is B
check "until the dead one's write lands on it" wait_until 30 page_is A

need "the guest is given that device" \
	xn block-attach crash "$slow_loop,raw,xvdb,rw"
slow_worker >"$slow/cgroup.procs"
guest_does "sh /etc/tests overwrite xvdb $place"
need "it begins to write" guest_says crash "writes A" 30
sleep 3
kill -KILL "$(slow_worker)"
check "a successor waits for what the dead one has under way" waits_for_io
check "the guest has its answer, and writes again" \
	guest_says crash "has written both" 60
check "that is there" page_is B
sleep $((slow_s + 1))
check "and stays" page_is B
check "it gives the device back" xn block-detach crash xvdb
losetup -d "$slow_loop"
