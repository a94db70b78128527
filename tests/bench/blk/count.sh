# shellcheck shell=bash disable=SC2154 # names shared with ../blk.test
# SPDX-License-Identifier: MIT
#
# What a request costs each backend in things that can be counted: the events
# it takes from the guest and sends to it, and the system calls of its
# processes, and how many requests io_uring gave to a thread of the kernel's
# because they could not be begun at once. Sourced by the disk benchmark while its guests run; nothing is
# timed here, because counting costs time.

tracing=/sys/kernel/tracing
calls=$tracing/events/raw_syscalls/sys_enter
handed=$tracing/events/io_uring/io_uring_queue_async_work
[ -e "$calls" ] || mount -t tracefs tracefs "$tracing"

# events_to_dom0 BACKEND: how often its event channels have fired in dom0
events_to_dom0() {
	awk -v backend="$1" '
	BEGIN {
		name["xn"] = "evtchn:xn-blk"
		name["blkback"] = "blkif-backend"
		name["qdisk"] = "evtchn:xen-qemu-system"
	}
	index($NF, name[backend]) == 1 {
		for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
			sum += $i
	}
	END { print sum + 0 }' /proc/interrupts
}

# events_to_guest BACKEND: how often those of its disks have fired there
events_to_guest() {
	guest_do "$1" sh /etc/tests interrupts || return 1
	guest_said=${guest_said#*blkif }
	echo "${guest_said%% *}"
}

# threads_of BACKEND: those that serve its guest, as "PID|PID…"
threads_of() {
	local pid name=xn-blk
	[ "$1" != qdisk ] || name=xen-qemu-system-i386
	for pid in $(pidof $name); do
		ls "/proc/$pid/task"
	done | paste -sd'|'
}

# calls_of BACKEND REQUESTS: "NAME N.NN" a request, for each system call,
# out of what was counted
calls_of() {
	[ "$1" != blkback ] || return 0
	grep -E "common_pid: +($(threads_of "$1")) *}|common_pid: +($(
		threads_of "$1")), " "$calls/hist" |
	sed 's/.*id: *\(sys_\)\?\([a-z0-9_]*\) .*hitcount: *\([0-9]*\).*/\2 \3/' |
	awk -v n="$2" '
		{ sum[$1] += $2; all += $2 }
		END {
			printf " %.2f system calls:", all / n
			for (i in sum)
				if (sum[i] / n >= 0.005)
					printf " %s %.2f", i, sum[i] / n
		}'
}

# handed_of BACKEND REQUESTS: likewise, requests that went to a thread
handed_of() {
	[ "$1" = xn ] || return 0
	grep -E "common_pid: +($(threads_of xn)) *}" "$handed/hist" |
	sed 's/.*hitcount: *\([0-9]*\).*/\1/' |
	awk -v n="$2" '
		{ sum += $1 }
		END { printf ", %.2f handed to a thread", sum / n }'
}

# count BACKEND LOAD: a figure
count() {
	local guest dom0 n
	guest=$(events_to_guest "$1")
	dom0=$(events_to_dom0 "$1")
	echo 'hist:keys=common_pid,id.syscall:size=4096' >"$calls/trigger"
	echo 'hist:keys=common_pid' >"$handed/trigger"
	guest_load "$1" "${stores[0]}" "$2" "${queue_counts[0]}" 500 || return 1
	# to add, not to begin anew
	echo 'hist:keys=common_pid,id.syscall:size=4096:pause' >>"$calls/trigger"
	echo 'hist:keys=common_pid:pause' >>"$handed/trigger"
	n=${guest_said##* }
	dom0=$(($(events_to_dom0 "$1") - dom0))
	guest=$(($(events_to_guest "$1") - guest))
	figure "$(printf 'count %-13s %-7s %6d requests: %s to dom0, %s to the guest,%s' \
		"$2" "$1" "$n" "$(per "$dom0" "$n")" "$(per "$guest" "$n")" \
		"$(calls_of "$1" "$n")$(handed_of "$1" "$n")")"
	: >"$handed/trigger"
	: >"$calls/trigger"
}

per() { awk -v a="$1" -v n="$2" 'BEGIN { printf "%.2f", a / n }'; }

for name in "${loads[@]}"; do
	for backend in "${backends[@]}"; do
		check "$name on $backend is counted" count "$backend" "$name"
	done
done
