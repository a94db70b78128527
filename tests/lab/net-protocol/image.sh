# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# What net-protocol needs: its parts, small programs in dom0 and in the guests,
# and a link with two ends. Sourced by the lab, which calls image_fill.

# image_program SOURCE ROOT: linked statically, for any of them
image_program() {
	gcc -O2 -D_GNU_SOURCE -static -s -pthread \
		-o "$2/usr/bin/$(basename "$1" .c)" "$1"
}

# image_guest FOLDER FILE: the lab's guest with these programs
image_guest() {
	root_pack "$1" "$lab/net-programs.cpio"
	cat "$lab/guest.cpio" "$lab/net-programs.cpio" >"$2"
}

image_fill() {
	local from=$top/tests/lab/net-protocol to=$1/lab/net-protocol
	local programs=$lab/root-programs source
	rm -rf "$programs"
	mkdir -p "$to" "$programs/usr/bin" "$1"/{etc,lab/common,usr/bin,usr/lib}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	for source in "$from"/*.c "$top/tests/bench/net/flow.c"; do
		image_program "$source" "$programs"
	done
	install "$from"/{csum-errors,come-again,address,busy-queues} \
		"$programs/usr/bin/"
	image_guest "$programs" "$to/guest.cpio"
	cp "$programs"/usr/bin/* "$1/usr/bin/"
	rm -rf "$programs"
	cp "$from"/{traffic,jumbo,rate,xdp,wire,queues,comings}.sh "$to/"
	cp "$top/tests/bench/common/guests.sh" "$1/lab/common/"
	root_modules "$1" veth
	mv "$1/etc/modules" "$to/modules"
}
