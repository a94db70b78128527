# shellcheck shell=bash disable=SC2154 # names shared with ../../lab/run
# SPDX-License-Identifier: MIT
#
# What the network benchmark needs: its load, in dom0 and in the guests.
# Sourced by the lab, which calls image_fill.

# shellcheck source=../common/image.sh
. "$top/tests/bench/common/image.sh"

image_fill() {
	mkdir -p "$1"/{lab/net,usr/bin,usr/lib}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	cp "$top/tests/bench/net/count.sh" "$1/lab/net/"
	image_guest "$1" net "$top/tests/bench/net/flow.c"
	image_common "$1"
	gcc -O2 -D_GNU_SOURCE -pthread -o "$lab/flow" \
		"$top/tests/bench/net/flow.c"
	root_program "$1" "$lab/flow" /usr/bin/flow
}
