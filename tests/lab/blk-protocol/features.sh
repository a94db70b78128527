# shellcheck shell=bash disable=SC2154 # names shared with ../blk-protocol.test
# SPDX-License-Identifier: MIT
#
# What a Linux front end can negotiate, each on and off by its module's
# parameters: what both ends say in xenstore, what the guest's kernel makes of
# it, and that the bytes are right.

start_guest none 1 max_indirect_segments=0 max_ring_page_order=0 max_queues=1 \
	feature_persistent=0
check "the back end offers 256 segments" \
	back_says feature-max-indirect-segments 256
check "and rings of order 4" back_says max-ring-page-order 4
check "and one queue, for one vCPU" back_says multi-queue-max-queues 1
check "and persistent grants" back_says feature-persistent 1
check "and no barriers" back_says feature-barrier 0
check "and discards" back_says feature-discard 1
check "none: no ring order" front_says ring-page-order ""
check "none: the ring is at the top" \
	above "$(xenstore-read "$front/ring-ref")" 0
check "none: no persistent grants" front_says feature-persistent 0
check "none: it trusts us with its pages" \
	same "$(guest_value none limit xvda bounces)" disabled
check "none: eleven segments" same "$(guest_value none limit xvda max_segments)" 11
check "none: one queue" same "$(guest_value none limit xvda queues)" 1
check "none: xn-blk agrees" negotiated 1 1 x86_64
check "none: Linux orders its writes by flushes" \
	same "$(guest_value none limit xvda orders_by)" diskcache
end_guest none

check "xnd stops" stop_xnd
echo "disk_barriers = yes" >>/etc/xn/xnd.conf
need "xnd starts, with barriers for old front ends" start_xnd

# Linux keeps a page for each segment of each entry of such a ring: no more than
# this fits into a small guest
start_guest all 2 max_indirect_segments=32 max_ring_page_order=2 max_queues=2 \
	feature_persistent=1
check "all: the back end offers a queue a vCPU" \
	back_says multi-queue-max-queues 2
check "all: four pages" front_says ring-page-order 2
check "all: two queues" front_says multi-queue-num-queues 2
check "all: the second has four, too" \
	above "$(xenstore-read "$front/queue-1/ring-ref3")" 0
check "all: barriers are offered" back_says feature-barrier 1
check "all: Linux is not so old" \
	same "$(guest_value all limit xvda orders_by)" diskcache
check "all: persistent grants" front_says feature-persistent 1
check "all: 32 segments" same "$(guest_value all limit xvda max_segments)" 32
check "all: two queues in the guest" \
	same "$(guest_value all limit xvda queues)" 2
check "all: xn-blk agrees" negotiated 2 4 "x86_64, persistent grants"
check "all: its queues are threads" above \
	"$(cat /proc/[0-9]*/task/[0-9]*/comm | grep -c '^queue-[01]$')" 1
end_guest all

start_guest large 1 max_indirect_segments=256 max_ring_page_order=4 \
	max_queues=1 feature_persistent=0
check "large: sixteen pages" front_says ring-page-order 4
check "large: 256 segments" \
	same "$(guest_value large limit xvda max_segments)" 256
check "large: xn-blk agrees" negotiated 1 16 x86_64
end_guest large

# a page for each segment that there may be: too much for large's guest
start_guest queues 2 max_indirect_segments=0 max_ring_page_order=0 \
	max_queues=2 feature_persistent=0 trusted=0
check "queues: it trusts nobody, and copies" \
	same "$(guest_value queues limit xvda bounces)" enabled
check "queues: two" front_says multi-queue-num-queues 2
check "queues: xn-blk agrees" negotiated 2 1 x86_64
end_guest queues

start_guest grants 1 max_indirect_segments=0 max_ring_page_order=0 max_queues=1 \
	feature_persistent=1
check "grants: persistent" front_says feature-persistent 1
check "grants: xn-blk agrees" negotiated 1 1 "x86_64, persistent grants"

# other disks of the same guest: given back, kept, read-only, a CD-ROM
guest_told() { sed -n "s/^GUEST $1 //p" <<<"$told"; }
blocks_of() { stat -c %b "$1"; }

make_image /tmp/more.img
before=$(blocks_of /tmp/more.img)
check "a second disk comes" xn block-attach grants /tmp/more.img,raw,xvdb,rw
told=$(guest_run grants "sh /etc/tests limits xvdb;" \
	"blkdiscard -o 4194304 -l 8388608 /dev/xvdb && echo GUEST gave back;" \
	"dd if=/dev/xvdb bs=1M skip=4 count=8 iflag=direct 2>/dev/null |" \
	"tr -d '\\000' | wc -c | sed 's/^/GUEST zeroes /'")
check "the guest knows its granularity" same \
	"$(guest_told "limit xvdb discard_granularity")" 4096
check "it gives 8 MiB back" same "$(guest_told gave)" back
check "they are gone from the file" above $((before - 16000)) \
	"$(blocks_of /tmp/more.img)"
check "and read as zeroes" same "$(guest_told zeroes)" 0
check "it goes" xn block-detach grants xvdb

check "a disk that keeps its blocks" \
	xn block-attach grants /tmp/more.img,raw,xvdb,rw,no-discard
told=$(guest_run grants "sh /etc/tests limits xvdb;" \
	"blkdiscard -o 0 -l 1048576 /dev/xvdb || echo GUEST gave nothing")
check "offers no discard" same "$(guest_told "limit xvdb discard_max_bytes")" 0
check "and takes none" same "$(guest_told gave)" nothing
check "it goes, too" xn block-detach grants xvdb

check "a CD-ROM comes" xn block-attach grants \
	/tmp/more.img,raw,xvdb,devtype=cdrom
told=$(guest_run grants "sh /etc/tests limits xvdb;" \
	"dd if=/dev/zero of=/dev/xvdb bs=4k count=1 || echo GUEST wrote nothing")
check "is read-only" same "$(guest_told "limit xvdb ro")" 1
check "and removable" same "$(guest_told "limit xvdb removable")" 1
check "and is not written to" same "$(guest_told wrote)" nothing
check "it goes as well" xn block-detach grants xvdb
rm /tmp/more.img
end_guest grants
sed -i '/^disk_barriers/d' /etc/xn/xnd.conf
