# shellcheck shell=bash disable=SC2154 # names shared with ../net.test
# SPDX-License-Identifier: MIT
#
# What a packet of a guest's (as its front end counts them: one of GSO is one)
# costs xn-net in events and in system calls. Sourced by the network benchmark
# while its guests run; nothing is timed here, because counting costs time.

tracing=/sys/kernel/tracing
calls=$tracing/events/raw_syscalls/sys_enter
[ -e "$calls" ] || mount -t tracefs tracefs "$tracing"

# threads: of every xn-net, as "PID|PID…"
threads() {
	local pid
	for pid in $(pidof xn-net); do
		ls "/proc/$pid/task"
	done | paste -sd'|'
}

events_to_dom0() {
	awk 'index($NF, "evtchn:xn-net") == 1 {
		for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
			sum += $i
	}
	END { print sum + 0 }' /proc/interrupts
}

# packets BACKEND: sent and received by its first guest so far, together
packets() {
	guest_do "${1}1" "cat /sys/class/net/eth0/statistics/*x_packets" || return 1
	echo $((${guest_said/ /+}))
}

# count BACKEND WAY LOAD: a figure
count() {
	local dom0_events n
	n=$(packets "$1") || return 1
	dom0_events=$(events_to_dom0)
	echo 'hist:keys=common_pid,id.syscall:size=4096' >"$calls/trigger"
	run_flow "$1" "$2" "$3" 500 || return 1
	# to add, not to begin anew
	echo 'hist:keys=common_pid,id.syscall:size=4096:pause' >>"$calls/trigger"
	n=$(($(packets "$1") - n))
	dom0_events=$(($(events_to_dom0) - dom0_events))
	figure "count $1 $2 $3, $n packets: $(awk -v a="$dom0_events" -v n="$n" '
		BEGIN { printf "%.2f events to dom0,", a / n }')$(calls_each "$n")"
	: >"$calls/trigger"
}

# calls_each PACKETS: "NAME N.NN" of each system call, a packet
calls_each() {
	grep -E "common_pid: +($(threads)) *}|common_pid: +($(threads)), " \
		"$calls/hist" |
	sed 's/.*id: *\(sys_\)\?\([a-z0-9_]*\) .*hitcount: *\([0-9]*\).*/\2 \3/' |
	awk -v n="$1" '
		{ sum[$1] += $2; all += $2 }
		END {
			printf " %.2f system calls:", all / n
			for (i in sum)
				if (sum[i] / n >= 0.005)
					printf " %s %.2f", i, sum[i] / n
		}'
}

for backend in "${backends[@]}"; do
	[ "$backend" != netback ] || continue
	for way in "${ways[@]}"; do
		has_way "$backend" "$way" || continue
		for name in "${loads[@]}"; do
			check "$backend, $name $way is counted" \
				count "$backend" "$way" "$name"
		done
	done
done
