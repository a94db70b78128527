# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# Boots Xen and its dom0 in QEMU's software emulation and waits for the end.
# The machine has four lines out: Xen's serial console, which becomes the log;
# a port for the results of tests; one for an interactive shell; and one on
# which it can ask which tests are left, and how much work it has done.

# stamp: each line with the seconds since the boot began
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

# boot_disk FOLDER MIB: an ext4 file system on a disk of that size, made anew;
# prints the options that give it to the machine. Its writes stay in this
# machine's memory, so that no run has to wait for its disk.
boot_disk() {
	[ "$2" != 0 ] || return 0
	truncate -s "$2M" "$1/disk"
	mke2fs -q -F -t ext4 "$1/disk"
	echo -n "-drive file=$1/disk,format=raw,if=virtio,cache=unsafe"
}

# boot_take FOLDER TEST: whether no machine has taken that test so far; it is
# this one's now
boot_take() {
	mkdir "$1/../taken/$2" 2>/dev/null && echo yes || echo no
}

# boot_work FOLDER: the nanoseconds that the machine's processors have run on
# this one, all together. What is measured so is the work done, whatever else
# runs here meanwhile.
boot_work() {
	local pid thread
	pid=$(cat "$1/pid")
	for thread in "/proc/$pid/task"/*; do
		if grep -qE '^(CPU .*|ALL CPUs)/TCG' "$thread/comm"; then
			cat "$thread/schedstat"
		fi
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# boot_answers FOLDER: answers each line on one of the machine's ports
boot_answers() {
	local line
	while read -r line; do
		case $line in
		"take "*) boot_take "$1" "${line#take }" ;;
		*) boot_work "$1" ;;
		esac
	done <"$1/ask.out" >"$1/ask.in"
}

# boot_qemu TEST:TEST… FOLDER: the machine itself, in the foreground
boot_qemu() {
	local tty=null disk clock=(-accel "tcg,thread=multi,tb-size=1024")
	[ -z "$steady" ] || clock=(-accel "tcg,thread=single,tb-size=1024"
		-icount "shift=1,sleep=off")
	[ -z "$keep" ] || tty=stdio,signal=off
	read -ra disk <<<"$(boot_disk "$2" "$disk_mib")"
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
		-chardev pipe,id=ask,path="$2/ask" \
		-device virtserialport,chardev=ask,nr=3 "${disk[@]}" \
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

# boot_machine TEST:TEST… FOLDER SECONDS: fills FOLDER with log and results. Of
# several machines each line shown tells which.
boot_machine() {
	local folder=$2 watch stamper answers which=""
	[ "$machines" = 1 ] || which="${2##*/}: "
	mkdir "$folder"
	touch "$folder/results"
	mkfifo "$folder"/{console,ask.in,ask.out}
	stamp <"$folder/console" | tee "$folder/log" |
		sed -u "/$hidden/d; s/^/$which/" &
	stamper=$!
	boot_watch "$folder" "$3" &
	watch=$!
	boot_answers "$folder" &
	answers=$!
	boot_qemu "$1" "$folder" || note "lab: QEMU ended with status $?"
	kill "$watch" "$answers" 2>/dev/null || true
	wait "$watch" "$answers" 2>/dev/null || true
	wait "$stamper" || true
	rm -f "$folder"/{console,ask.in,ask.out,disk}
}

# boot FOLDER SECONDS TEST…: as many machines as were asked for, side by side;
# each takes the next test that none has taken. Leaves in FOLDER the log and the
# results of all, and a folder taken/TEST for each that was taken.
boot() {
	local folder=$1 seconds=$2 number
	shift 2
	rm -rf "$folder"
	mkdir -p "$folder/taken"
	for ((number = 1; number <= machines && number <= $#; number++)); do
		boot_machine "$(IFS=:; echo "$*")" "$folder/$number" \
			"$seconds" <&0 &
	done
	wait
	cat "$folder"/[0-9]*/log >"$folder/log"
	cat "$folder"/[0-9]*/results >"$folder/results"
}
