# shellcheck shell=bash disable=SC2154 # names shared with ../../lab/run
# SPDX-License-Identifier: MIT
#
# What benchmarks share of their images. Sourced by their own image.sh.

# image_common ROOT: scripts, and the meter's program
image_common() {
	mkdir -p "$1/lab/common" "$1/usr/bin"
	cp "$top"/tests/bench/common/{guests.sh,meter.sh,profile.sh,report.awk} \
		"$1/lab/common/"
	gcc -O2 -D_GNU_SOURCE -o "$lab/cputime" \
		"$top/tests/bench/common/cputime.c" -lxenctrl
	root_program "$1" "$lab/cputime" /usr/bin/cputime
	[ ! -e /usr/bin/perf ] || root_host "$1" perf	# Debian's linux-perf
}

# image_guest ROOT NAME SOURCE: the lab's guest with one program more, linked
# statically, as ROOT/lab/NAME/guest.cpio
image_guest() {
	local extra=$1/guest-extra program
	program=$(basename "$3" .c)
	mkdir -p "$extra/usr/bin"
	gcc -O2 -D_GNU_SOURCE -static -pthread -o "$extra/usr/bin/$program" "$3"
	root_pack "$extra" "$lab/$program.cpio"
	rm -rf "$extra"
	cat "$lab/guest.cpio" "$lab/$program.cpio" >"$1/lab/$2/guest.cpio"
}
