# shellcheck shell=bash disable=SC2154 # names shared with ../blk-protocol.test
# SPDX-License-Identifier: MIT
#
# The most of everything at once: two disks, each with a queue for each of the
# guest's vCPUs, rings of order 4, 256 indirect segments and persistent grants,
# and both at work. Linux keeps a page for each segment of each entry of such a
# ring, 514 MiB a queue: hence the guest's size.

# is_at_most VDEV: both ends say so, and the worker
is_at_most() {
	local front=/local/domain/$domid/device/vbd/$1
	[ "$(xenstore-read "$front/ring-page-order")" = 4 ] &&
		[ "$(xenstore-read "$front/multi-queue-num-queues")" = 2 ] &&
		[ "$(xenstore-read "$front/feature-persistent")" = 1 ] &&
		grep -q "d$domid/vbd-$1: .*, 2 queues of 16 pages, x86_64, persistent grants\$" \
			"$xnd_log"
}

# is_heard DISK: what was written is in the image, and what was read is that
is_heard() {
	local sum
	sum=$(guest_value most hammered "$1")
	[ -n "$sum" ] && same "$(sum_of_hammered "/tmp/most.$1")" "$sum" &&
		same "$(guest_value most heard "$1" 1048576)" "$sum" &&
		same "$(guest_value most heard "$1" 65536)" "$sum"
}

make_image /tmp/most.xvda
make_image /tmp/most.xvdb
make_config most "xen_blkfront.max_indirect_segments=256 xen_blkfront.max_ring_page_order=4 xen_blkfront.max_queues=2 xen_blkfront.feature_persistent=1 xntest=limits:xvda,limits:xvdb,hammer_all:xvda:xvdb" \
	'disk = [ "/tmp/most.xvda,raw,xvda,rw", "/tmp/most.xvdb,raw,xvdb,rw" ]'
sed -i 's/^vcpus = .*/vcpus = 2/; s/^memory = .*/memory = 2360/' /tmp/most.cfg
need "most: xn create" xn create /tmp/most.cfg
need "most: it comes up" guest_says most up 300
check "most: it hammers both disks at once" guest_says most "end hammer_all" 300
domid=$(xn domid most)
for vdev in xvda:51712 xvdb:51728; do
	disk=${vdev%:*}
	check "most: $disk has 2 queues, 16 pages each, persistent grants" \
		is_at_most "${vdev#*:}"
	check "most: $disk has 256 segments" \
		same "$(guest_value most limit "$disk" max_segments)" 256
	check "most: what $disk reads and writes is right" is_heard "$disk"
done
check "most: nothing went wrong in the guest" same "$(guest_run most \
	"dmesg | grep -cE 'BUG|Oops|WARNING|I/O error|blocked for more'")" 0
check "most: xn destroy" xn destroy most
rm /tmp/most.xvda /tmp/most.xvdb
