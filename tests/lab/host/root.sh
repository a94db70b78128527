# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# Makes the file trees of the lab's machines and packs them as uncompressed
# initramfs archives (the emulator copies faster than it decompresses).

libdir=/usr/lib/x86_64-linux-gnu

# root_new ROOT: a merged-/usr skeleton in which busybox is every command
root_new() {
	local root=$1 applet
	mkdir -p "$root"/{dev,proc,sys,run,tmp,mnt,root,etc,lib64} \
		"$root"/var/{lib,log} "$root"/usr/{bin,sbin,libexec} \
		"$root$libdir"
	ln -s usr/bin usr/sbin usr/lib "$root"
	ln -s /run /run/lock "$root/var"
	cp "$(command -v busybox)" "$root/usr/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/usr/bin/$applet"
	done
	for applet in init getty poweroff reboot; do
		ln -s ../bin/busybox "$root/usr/sbin/$applet"
	done
	echo 'root::0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	echo 'nobody:x:65534:65534::/:/bin/false' >>"$root/etc/passwd"
	echo 'nogroup:x:65534:' >>"$root/etc/group"
}

# root_program ROOT SOURCE DEST: an ELF program and the libraries it needs
root_program() {
	rm -f "$1$3"
	install -D "$(readlink -f "$2")" "$1$3"
	root_libraries "$1" "$2"
}

# root_host ROOT NAME...: programs of this machine, in the place of busybox's
root_host() {
	local root=$1 name
	shift
	for name in "$@"; do
		root_program "$root" "$(command -v "$name")" "/usr/bin/$name"
	done
}

# root_libraries ROOT FILE...: the shared libraries of programs. Those that
# came with the unpacked Xen tools are preferred to this machine's.
root_libraries() {
	local root=$1 found library dest
	shift
	found=$(LD_LIBRARY_PATH=$debian$libdir:$debian${libdir#/usr} ldd "$@" 2>/dev/null) ||
		true		# a script is no dynamic executable
	if grep -q 'not found' <<<"$found"; then
		note "$(grep -hE '^/|not found' <<<"$found")"
		die "a library is missing: is its package in tests/setup?"
	fi
	# glibc loads libgcc_s by itself when a thread is cancelled
	found+=" $(gcc -print-file-name=libgcc_s.so.1)"
	grep -oE '/[^ ]+\.so[^ ]*' <<<"$found" | sort -u |
	while read -r library; do
		case $library in
		/lib64/*) dest=$library ;;
		*) dest=$libdir/$(basename "$library") ;;
		esac
		[ -e "$root$dest" ] ||
			install -D "$(readlink -f "$library")" "$root$dest"
	done
}

# root_modules ROOT NAME...: kernel modules with what they depend on, and
# their order of loading in /etc/modules
root_modules() {
	local root=$1 name file
	shift
	for name in "$@"; do
		modprobe -C /dev/null -d "$debian" -S "$kernel_release" \
			--show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
	while read -r file; do
		install -D -m 644 "$file" "$root${file#"$debian"}"
		echo "${file#"$debian"}" >>"$root/etc/modules"
	done
}

# root_pack ROOT ARCHIVE: written whole or not at all
root_pack() {
	(cd "$1" && find . -print0 |
		cpio --null --create --format newc --owner 0:0 --quiet) >"$2.new"
	mv "$2.new" "$2"
}
