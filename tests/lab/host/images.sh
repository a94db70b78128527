# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# The lab's images. dom0 is several archives put end to end, as the kernel
# allows: its system, what guests are made of, what a single test has asked
# for, and the overlay with our programs and the tests. Only the last changes
# from one run to the next.

dom0_modules=(
	xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc
	xen-blkback xen-netback bridge tun loop nf_tables
	virtio_pci virtio_rng virtio_console
)
guest_modules=(xen-blkfront xen-netfront)
guest_more_modules=(8021q)	# for a guest told to load them

images_guest() {
	local root=$lab/root-guest
	rm -rf "$root"
	root_new "$root"
	root_modules "$root" "${guest_more_modules[@]}"
	mv "$root/etc/modules" "$root/etc/modules.more"
	root_modules "$root" "${guest_modules[@]}"
	install "$here/guest/init" "$root/init"
	install "$here/guest/tests" "$root/etc/tests"
	cp "$here/guest/inittab" "$root/etc/inittab"
	root_pack "$root" "$lab/guest.cpio"
	rm -rf "$root"

	mkdir -p "$root/guest"
	ln "$lab/vmlinux" "$lab/guest.cpio" "$root/guest"
	cp "$debian/boot/vmlinuz-$kernel_release" "$root/guest/vmlinuz"
	root_pack "$root" "$lab/guest-files.cpio"
	rm -rf "$root"
}

images_dom0() {
	local root=$lab/root-dom0 name
	rm -rf "$root"
	root_new "$root"
	root_host "$root" bash flock ip bridge losetup stat readlink \
		script jq nc.openbsd
	for name in xl libxl-save-helper xenstored xenconsoled xenconsole \
		xen-init-dom0 xentop lsevtchn; do
		root_program "$root" "$debian$xen_tools/$name" "$xen_tools/$name"
		ln -s "$xen_tools/$name" "$root/usr/sbin/$name"
	done
	root_program "$root" "$debian/usr/bin/xenstore" /usr/bin/xenstore
	for name in read write ls list rm exists watch chmod; do
		ln -s xenstore "$root/usr/bin/xenstore-$name"
	done
	cp -a "$debian/etc/xen" "$root/etc/"
	ln -s /proc/self/mounts "$root/etc/mtab"
	root_modules "$root" "${dom0_modules[@]}"
	install "$here/dom0/init" "$root/init"
	root_pack "$root" "$lab/dom0-system.cpio"
	rm -rf "$root"
}

# images_overlay PROGRAMS TEST...: PROGRAMS is what `make install` filled
images_overlay() {
	local root=$lab/root-overlay programs=$1 elf
	shift
	rm -rf "$root"
	mkdir -p "$root"/{lab,usr/bin,usr/sbin,usr/lib}
	ln -s usr/bin usr/sbin usr/lib "$root"
	tar -C "$programs" -c . | tar -C "$root" -x --keep-directory-symlink
	mapfile -t elf < <(find "$root" -type f -perm -u+x -path '*/usr/*')
	[ ${#elf[@]} = 0 ] || root_libraries "$root" "${elf[@]}"
	cp -r "$here"/dom0/{runner,helpers.sh,leaks.awk} "$here/xlcfg" "$@" "$root/lab/"
	root_pack "$root" "$lab/overlay.cpio"
	rm -rf "$root"
}

# images_extra TEST: adds to archives what only that test needs in dom0, if it
# needs anything: a folder beside it then has the sources, and an image.sh
# with a function image_fill ROOT
images_extra() {
	local folder=${1%.test} root=$lab/root-extra archive
	[ -e "$folder/image.sh" ] || return 0
	archive=$lab/extra-$(basename "$folder").cpio
	if stale "$archive" "$folder" "$top/tests/bench/common" \
		"$here/host" "$lab/guest.cpio"; then
		rm -rf "$root"
		mkdir -p "$root"
		# shellcheck disable=SC1091 # one of several
		. "$folder/image.sh"
		step "making an image for $(basename "$1")" image_fill "$root"
		root_pack "$root" "$archive"
		rm -rf "$root"
	fi
	archives+=("$archive")
}

# images PROGRAMS TEST...: brings $lab/dom0.cpio up to date
images() {
	local test archives=("$lab"/{dom0-system,guest-files}.cpio)
	if stale "$lab/guest-files.cpio" "$here/host" "$here/guest" \
		"$debian/.complete"; then
		step "making the guest's image" images_guest
	fi
	if stale "$lab/dom0-system.cpio" "$here/host" "$here/dom0/init" \
		"$debian/.complete" /var/lib/dpkg/status; then
		step "making dom0's image" images_dom0
	fi
	for test in "${@:2}"; do
		images_extra "$test"
	done
	images_overlay "$@"
	cat "${archives[@]}" "$lab/overlay.cpio" >"$lab/dom0.cpio.new"
	mv "$lab/dom0.cpio.new" "$lab/dom0.cpio"
}
