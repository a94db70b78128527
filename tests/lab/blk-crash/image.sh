# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# What the test of dying workers needs and no other does: a guest with fio,
# and a program that leaves a write behind when it is killed. Sourced by the
# lab, which calls image_fill.

fio=/usr/bin/fio
fio_uses='lib(aio|numa|z|m|c)\.so|ld-linux'
fio_names_only='^(glfs|ibv|nbd|pmem|pmemblk|rados|rbd|rdma)_'

# image_fio ROOT: fio with the libraries that it uses for a disk. Those of its
# other engines have 80 MiB, which a guest in an emulator does not load in a
# minute; it gets libraries of their names with functions that do nothing.
image_fio() {
	local library
	install -D "$fio" "$1$fio"
	mkdir -p "$1$libdir" "$1/lib64"
	nm -D --undefined-only "$fio" | awk '{ print $2 }' |
		grep -E "$fio_names_only" >"$lab/fio-names"
	sed 's/\(@.*\)*$//; s/.*/void &(void);void &(void) {}/' \
		"$lab/fio-names" >"$lab/fio-names.c"
	awk -F @ 'NF > 1 { of[$2] = of[$2] " " $1 ";" }
		END { for (v in of) print v " {" of[v] " };" }' \
		"$lab/fio-names" >"$lab/fio-names.map"
	readelf -d "$fio" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -vE "$fio_uses" |
		while read -r library; do
			gcc -fno-builtin -shared -fPIC -Wl,-soname,"$library" \
				-Wl,--version-script="$lab/fio-names.map" \
				-o "$1$libdir/$library" "$lab/fio-names.c"
		done
	ldd "$fio" | grep -E "$fio_uses" | grep -oE '/[^ ]+' |
		while read -r library; do
			case $library in
			/lib64/*) cp -L "$library" "$1$library" ;;
			*) cp -L "$library" "$1$libdir/${library##*/}" ;;
			esac
		done
}

# image_guest ROOT: the lab's guest, with fio and what it does with it
image_guest() {
	local extra=$lab/root-fio
	rm -rf "$extra"
	mkdir -p "$extra/etc/tests.d"
	install "$top"/tests/lab/blk-crash/{verify,overwrite} "$extra/etc/tests.d"
	install -m 644 "$top/tests/lab/blk-crash/verify.fio" "$extra/etc/"
	image_fio "$extra"
	root_pack "$extra" "$lab/fio.cpio"
	rm -rf "$extra"
	cat "$lab/guest.cpio" "$lab/fio.cpio" >"$1/lab/blk-crash/guest.cpio"
}

image_fill() {
	mkdir -p "$1"/{lab/blk-crash,usr/bin,usr/lib}
	ln -s usr/lib "$1"	# as it is where this is unpacked
	cp "$top/tests/lab/blk-crash/ghost.sh" "$1/lab/blk-crash/"
	image_guest "$1"
	gcc -O2 -D_GNU_SOURCE -o "$lab/ghost" \
		"$top/tests/lab/blk-crash/ghost.c" -luring
	root_program "$1" "$lab/ghost" /usr/bin/ghost
}
