# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# A guest with a network front end of its own, and what that needs of its
# kernel. Sourced by the lab, which calls image_fill.

image_fill() {
	local extra=$lab/root-hostile here=$top/tests/lab/net-hostile
	rm -rf "$extra"
	mkdir -p "$extra"/{etc,usr/bin,usr/lib} "$1/lab/net-hostile"
	ln -s usr/lib "$extra"	# as it is where this is unpacked
	install "$here/lies" "$extra/lies"
	gcc -static -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -s -pthread \
		-o "$extra/usr/bin/hostile" "$here"/*.c
	# in the place of the list that has netfront
	root_modules "$extra" xen-gntalloc xen-evtchn
	root_pack "$extra" "$lab/hostile.cpio"
	rm -rf "$extra"
	cat "$lab/guest.cpio" "$lab/hostile.cpio" \
		>"$1/lab/net-hostile/guest.cpio"
}
