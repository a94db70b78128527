# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# A front end that is not Linux's: GRUB as a PV guest's kernel, and a disk for
# it with a partition that a kernel can be booted from; and the modules of a
# disk of any shape. Sourced by the lab, which calls image_fill.

grub_program=usr/lib/grub-xen/grub-x86_64-xen.bin

# image_partition ROOT: what GRUB reads there, writes there, and hands over to
image_partition() {
	mkdir -p "$1/boot/grub"
	cp "$top/tests/lab/blk-protocol/grub.cfg" "$1/boot/grub/"
	cp "$debian/boot/vmlinuz-$kernel_release" "$1/boot/vmlinuz"
	cp "$lab/guest.cpio" "$1/boot/initrd"
	# of the smaller one: GRUB takes its time
	(cd "$1" && md5sum boot/initrd >boot/sums)
	# a file of a fixed size, which GRUB writes in place
	{ echo "# GRUB Environment Block"; printf '#%.0s' {1..999}; } \
		>"$1/boot/grub/grubenv"
}

# image_disk FILE: its first partition is 16 MiB of ext4; the second has as
# much, which the file is to be given when it is used
image_disk() {
	local root=$lab/root-grub
	rm -rf "$root"
	image_partition "$root"
	truncate -s 33M "$1"
	printf '%s\n' 'start=1MiB, size=16MiB, type=83' \
		'start=17MiB, size=16MiB, type=83' | sfdisk --quiet "$1"
	truncate -s 17M "$1"
	mke2fs -q -t ext4 -O ^has_journal -E offset=1048576 -d "$root" "$1" 16M
	rm -rf "$root"
}

image_fill() {
	local folder=$1/lab/blk-protocol
	[ -e "$lab/grub/$grub_program" ] || fetch_into "$lab/grub" grub-xen-host
	mkdir -p "$folder"
	cp "$top"/tests/lab/blk-protocol/{features,most,devices,comings,grub}.sh \
		"$folder/"
	cp "$lab/grub/$grub_program" "$folder/grub"
	image_disk "$folder/disk"
	ln -s usr/lib "$1"	# as it is where this is unpacked
	mkdir -p "$1"/{etc,usr/lib}
	root_modules "$1" sd_mod scsi_debug
	mv "$1/etc/modules" "$folder/modules"
}
