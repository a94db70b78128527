# shellcheck shell=bash disable=SC2154 # names shared with ../blk-protocol.test
# SPDX-License-Identifier: MIT
#
# A second front end, with nothing in it of Linux's: PV GRUB is the guest's
# kernel. It finds a partition on the disk, checks the checksums of the files
# there, writes into one of them, and loads a kernel and its ramdisk through
# the ring. Then it lets go of the device, and Linux's own front end connects
# to it.

make_grub_guest() {
	cp /lab/blk-protocol/disk /tmp/grub.img
	truncate -s 33M /tmp/grub.img	# its second partition, too
	cat >/tmp/grub.cfg <<-'EOD'
	name = "grub"
	type = "pv"
	kernel = "/lab/blk-protocol/grub"
	memory = 256
	vcpus = 1
	disk = [ "/tmp/grub.img,raw,xvda,rw" ]
	EOD
}

# partition NUMBER [MiB]: what it begins with, or all of it
partition() {
	dd if=/tmp/grub.img bs=1M skip=$((1 + ($1 - 1) * 16)) count="${2-16}" \
		2>/dev/null
}

# what GRUB wrote: its own note in a file
grub_checked() {
	partition 1 | tr '#' '\n' | grep -ao '^checked=[a-z]*' |
		cut -d= -f2
}

# connections PAGES-AND-MORE: how many the workers tell of
connections() { grep -c "d$domid/vbd-51712: .*, 1 queues of $1\$" "$xnd_log"; }

make_grub_guest
need "grub: xn create" xn create /tmp/grub.cfg
domid=$(xn domid grub)
# its first word stands on GRUB's last line
need "grub: the kernel on its disk comes up" guest_says grub "begin limits" 240
check "grub: what it read was right" same "$(grub_checked)" right
check "grub: a plain ring was enough for it" \
	same "$(connections "1 pages, x86_64")" 1
check "grub: then Linux's front end connected" \
	same "$(connections "1 pages, x86_64, persistent grants")" 1
check "grub: its tests end" guest_says grub "end hammer" 120
check "grub: Linux reads what GRUB has read and written" \
	same "$(guest_value grub read xvda1)" "$(partition 1 | sha256sum |
	cut -d' ' -f1)"
sum=$(guest_value grub hammered xvda2)
check "grub: the image has what Linux has written" \
	same "$(partition 2 8 | md5sum | cut -d' ' -f1)" "$sum"
check "grub: large reads are right" \
	same "$(guest_value grub heard xvda2 1048576)" "$sum"
check "grub: xn shutdown -w" timeout 240 xn shutdown -w grub
rm /tmp/grub.img
