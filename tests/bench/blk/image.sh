# shellcheck shell=bash disable=SC2154 # names shared with ../../lab/run
# SPDX-License-Identifier: MIT
#
# What the disk benchmark needs in dom0 and no other test does: QEMU as it
# serves qdisk, modules for the backing stores, and a guest with the load
# generator. Sourced by the lab, which calls image_fill.

# image_qemu ROOT: the QEMU that libxl starts for a qdisk; without a keymap it
# does not start, though nobody will ever type
image_qemu() {
	local program=/usr/libexec/xen-qemu-system-i386
	local keymap=/usr/share/qemu/keymaps/en-us
	[ -e "$lab/qemu$program" ] || fetch_into "$lab/qemu" qemu-system-xen
	root_program "$1" "$lab/qemu$program" "$program"
	install -D -m 644 "$keymap" "$1$keymap"
}

# image_modules ROOT: named in an order to load in /lab/blk/modules, for
# /etc/modules is another archive's
image_modules() {
	root_modules "$1" brd null_blk virtio_blk ext4
	mv "$1/etc/modules" "$1/lab/blk/modules"
}

# image_guest ROOT: the lab's guest, with one program more
image_guest() {
	local extra=$1/guest-extra
	mkdir -p "$extra/usr/bin"
	gcc -O2 -D_GNU_SOURCE -static -pthread -o "$extra/usr/bin/load" \
		"$top/tests/bench/blk/load.c"
	root_pack "$extra" "$lab/load.cpio"
	rm -rf "$extra"
	cat "$lab/guest.cpio" "$lab/load.cpio" >"$1/lab/blk/guest.cpio"
}

image_fill() {
	mkdir -p "$1"/{etc,lab/blk,usr/bin,usr/lib}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	cp "$top"/tests/bench/blk/{report.awk,count.sh} "$1/lab/blk/"
	image_qemu "$1"
	image_modules "$1"
	image_guest "$1"
	gcc -O2 -D_GNU_SOURCE -o "$lab/cputime" \
		"$top/tests/bench/blk/cputime.c" -lxenctrl
	root_program "$1" "$lab/cputime" /usr/bin/cputime
}
