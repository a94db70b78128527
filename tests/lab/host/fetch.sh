# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# Xen, its tools and a Debian kernel for the lab, and the tools alone for the
# native test bed: named by apt's own metadata (no version is written down
# anywhere), downloaded and unpacked under out/lab/debian. Nothing is
# installed: on this machine they would change what boots.

debian=$lab/debian

# depends PACKAGE PATTERN: what PACKAGE depends on, as far as it matches
depends() {
	apt-cache depends --important "$1" |
		sed -n 's/^ *|\?Depends: \([^<].*\)$/\1/p' | grep -xE "$2"
}

# The Xen tools, xenstored among them. Of their libraries all but libc are
# taken, so that the tools get those they were built with.
fetch_names_of_tools() {
	local tools
	tools=$(depends xen-system-amd64 'xen-utils-[0-9].*')
	echo "$tools"
	depends "$tools" 'xen-utils-common|lib.*' | grep -vx libc6
	depends xen-utils-common 'xenstore-utils|libxen.*'
}

fetch_names_of_machine() {
	depends linux-image-amd64 'linux-image-[0-9].*'
	depends xen-system-amd64 'xen-hypervisor-[0-9].*'
}

# apt-get's unprivileged helper cannot write to a private folder
fetch_download() {
	apt-get download -o APT::Sandbox::User="$(id -un)" "$@"
}

# fetch_into FOLDER PACKAGE…: unpacked there, beside what is there
fetch_into() {
	local folder=$1 deb
	shift
	rm -rf "$lab/debs.new"
	mkdir -p "$folder" "$lab/debs.new"
	(cd "$lab/debs.new" &&
		{ fetch_download "$@" ||
			{ as_root apt-get update && fetch_download "$@"; }; })
	for deb in "$lab"/debs.new/*.deb; do
		dpkg -x "$deb" "$folder"
	done
	rm -rf "$lab/debs.new"
}

# fetch_unpack FUNCTION: the packages that FUNCTION names
fetch_unpack() {
	local names
	mapfile -t names < <("$1" | sort -u)
	[ ${#names[@]} != 0 ] || return 1
	fetch_into "$debian" "${names[@]}"
}

fetch_unpack_tools() {
	rm -rf "$debian"
	fetch_unpack fetch_names_of_tools
	touch "$debian/.tools"
}

fetch_unpack_machine() {
	fetch_unpack fetch_names_of_machine
	kernel_release=$(fetch_kernel_release)
	depmod -b "$debian" "$kernel_release"
	gunzip -c "$debian"/boot/xen-*-amd64.gz >"$lab/xen"
	fetch_vmlinux "$debian/boot/vmlinuz-$kernel_release" "$lab/vmlinux"
	touch "$debian/.complete"
}

fetch_kernel_release() {
	basename "$debian"/lib/modules/*
}

# Takes the ELF image out of a bzImage: decompressing costs the emulated
# machine seconds at each boot.
fetch_vmlinux() {
	local offset
	offset=$(grep -abom1 $'\xfd7zXZ' "$1" | head -n 1 | cut -d: -f1)
	# xz stops at the end of its stream; tail may complain that it did
	{ tail -c +$((offset + 1)) "$1" || true; } 2>/dev/null |
		xz -dc --single-stream >"$2"
}

# The tools alone, without a hypervisor and a kernel. Sets xen_tools (the
# folder of xl and xenstored, as seen from the root of the unpacked packages).
fetch_tools() {
	local found
	if [ ! -e "$debian/.complete" ] && [ ! -e "$debian/.tools" ]; then
		step "fetching Xen's tools" fetch_unpack_tools
	fi
	found=("$debian"/usr/lib/xen-*/bin/xl)
	xen_tools=$(dirname "${found[0]#"$debian"}")
}

# All of it. Sets kernel_release too.
fetch() {
	fetch_tools
	if [ ! -e "$debian/.complete" ]; then
		step "fetching Xen and a kernel" fetch_unpack_machine
	fi
	kernel_release=$(fetch_kernel_release)
}
