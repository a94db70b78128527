# shellcheck shell=bash disable=SC2154 # names shared with ../../lab/run
# SPDX-License-Identifier: MIT
#
# What the disk benchmark needs in dom0 and no other test does: QEMU as it
# serves qdisk, modules for the backing stores, and a guest with the load
# generator. Sourced by the lab, which calls image_fill.

# shellcheck source=../common/image.sh
. "$top/tests/bench/common/image.sh"

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

image_fill() {
	mkdir -p "$1"/{etc,lab/blk,usr/bin,usr/lib}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	cp "$top/tests/bench/blk/count.sh" "$1/lab/blk/"
	image_qemu "$1"
	image_modules "$1"
	image_guest "$1" blk "$top/tests/bench/blk/load.c"
	image_common "$1"
}
