# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# What blk-formats needs in dom0: QEMU's tools for images, another NBD server,
# and a file system that takes direct I/O. Sourced by the lab, which calls
# image_fill.

image_fill() {
	local nbdkit=$libdir/nbdkit name
	mkdir -p "$1"/{etc,lab/blk-formats,usr/bin,usr/lib,usr/sbin}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	root_host "$1" qemu-nbd qemu-img nbdkit
	root_program "$1" "$(command -v mke2fs)" /usr/sbin/mke2fs
	root_program "$1" "$libdir/libnbd.so.0" "$libdir/libnbd.so.0"
	for name in plugins/nbdkit-file-plugin filters/nbdkit-delay-filter; do
		root_program "$1" "$nbdkit/$name.so" "$nbdkit/$name.so"
	done
	root_modules "$1" ext4
	mv "$1/etc/modules" "$1/lab/blk-formats/modules"
}
