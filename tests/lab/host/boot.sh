# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# Boots Xen and its dom0 in QEMU's software emulation and waits for the end.
# The machine has four lines out: Xen's serial console, which becomes the log;
# a port for the results of tests; one for an interactive shell; and one on
# which it can ask how much work it has done.

# stamp: each line with the seconds since the boot began, here and in the log
stamp() {
	local line now began=${EPOCHREALTIME/./}
	while IFS= read -r line; do
		now=$((${EPOCHREALTIME/./} - began))
		printf '%4d.%02d %s\n' $((now / 1000000)) \
			$((now / 10000 % 100)) "${line//$'\r'/}"
	done
}

# boot_options TEST:TEST…: the command line of dom0's kernel; QEMU takes a
# comma in it for the beginning of the next module
boot_options() {
	local size
	echo -n "console=hvc0 loglevel=4 mitigations=off nokaslr lab.tests=$1"
	echo -n "${options[*]/#/ lab.}"
	if [ -n "$keep" ]; then
		size=$(stty size 2>/dev/null || echo "25 80")
		echo -n " lab.keep=1 lab.size=${size/ /x} lab.term=${TERM:-linux}"
	fi
}

# boot_disk MIB: an ext4 file system on a disk of that size, made anew; prints
# the options that give it to the machine. Its writes stay in this machine's
# memory, so that no run has to wait for its disk.
boot_disk() {
	[ "$1" != 0 ] || return 0
	rm -f "$lab/disk"
	truncate -s "$1M" "$lab/disk"
	mke2fs -q -F -t ext4 "$lab/disk"
	echo -n "-drive file=$lab/disk,format=raw,if=virtio,cache=unsafe"
}

# boot_meter FOLDER: answers each line on one of the machine's ports with the
# nanoseconds that its processors have run on this one, all together. What is
# measured so is the work done, whatever else runs here meanwhile.
boot_meter() {
	local line pid="" thread
	while read -r line; do
		[ -n "$pid" ] || pid=$(cat "$1/pid")
		for thread in "/proc/$pid/task"/*; do
			if grep -q '^CPU .*/TCG' "$thread/comm"; then
				cat "$thread/schedstat"
			fi
		done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
	done <"$1/meter.out" >"$1/meter.in"
}

# boot_machine TEST:TEST… FOLDER: QEMU itself, in the foreground
boot_machine() {
	local tty=null disk clock=(-accel "tcg,thread=multi,tb-size=1024")
	[ -z "$steady" ] || clock=(-accel "tcg,thread=single,tb-size=1024"
		-icount "shift=1,sleep=off")
	[ -z "$keep" ] || tty=stdio,signal=off
	read -ra disk <<<"$(boot_disk "$disk_mib")"
	qemu-system-x86_64 \
		"${clock[@]}" -machine pc \
		-cpu qemu64,+npt -smp "$processors" -m 4096 -display none -monitor none \
		-name lab,debug-threads=on -no-reboot -nic none -device virtio-rng-pci \
		-pidfile "$2/pid" \
		-chardev file,id=console,path="$2/console" \
		-serial chardev:console \
		-device virtio-serial-pci,max_ports=4 \
		-chardev file,id=results,path="$2/results" \
		-device virtserialport,chardev=results,nr=1 \
		-chardev "$tty,id=tty" -device virtconsole,chardev=tty,nr=2 \
		-chardev pipe,id=meter,path="$2/meter" \
		-device virtserialport,chardev=meter,nr=3 "${disk[@]}" \
		-kernel "$lab/xen" -append "$(tr -s '\n\t' ' ' <<<"
			com1=115200,8n1 console=com1 loglvl=warning
			dom0_mem=1536M,max:1536M dom0_max_vcpus=$processors
			bootscrub=0 xpti=no spec-ctrl=no")" \
		-initrd "$lab/vmlinux $(boot_options "$1"),$lab/dom0.cpio"
}

# boot_watch FOLDER SECONDS: ends a machine that takes too long
boot_watch() {
	local folder=$1 end=$((SECONDS + $2))
	while ! grep -qx "all done" "$folder/results" 2>/dev/null; do
		if ((SECONDS >= end)); then
			note "lab: not done after $2 seconds"
			kill "$(cat "$folder/pid")"
			return
		fi
		sleep 1
	done
}

# boot TEST:TEST… FOLDER SECONDS: fills FOLDER with log and results
boot() {
	local folder=$2 watch stamper meter
	rm -rf "$folder"
	mkdir -p "$folder"
	touch "$folder/results"
	mkfifo "$folder"/{console,meter.in,meter.out}
	stamp <"$folder/console" | tee "$folder/log" |
		grep --line-buffered -v "$hidden" &
	stamper=$!
	boot_watch "$folder" "$3" &
	watch=$!
	boot_meter "$folder" &
	meter=$!
	boot_machine "$1" "$folder" || note "lab: QEMU ended with status $?"
	kill "$watch" "$meter" 2>/dev/null || true
	wait "$watch" "$meter" 2>/dev/null || true
	wait "$stamper" || true
	rm -f "$folder"/{console,meter.in,meter.out}
}
