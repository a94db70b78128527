# shellcheck shell=bash disable=SC2154 # names shared with ../blk.test
# SPDX-License-Identifier: MIT
#
# Where dom0's time goes while each backend works, by samples of its clock.
# What Xen does for it shows as the hypercall that dom0 returns from. Sourced
# by the disk benchmark when it is asked for a profile.

# profile_by KEYS: what has a thousandth of the samples or more
profile_by() {
	perf report --stdio --no-children --sort "$1" \
		--percent-limit 0.1 -i /run/perf.data 2>/dev/null |
		grep -v '^#\|^$'
}

# profile BACKEND LOAD
profile() {
	# emulated, a sample takes longer than the kernel thinks it should
	echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
	perf record --quiet -a -F 997 -e cpu-clock -o /run/perf.data &
	local recorder=$!
	sleep 1
	guest_load "$1" "${stores[0]}" "$2" "${queue_counts[0]}" 4000 ||
		return 1
	kill -INT $recorder
	wait $recorder
	echo "profile of $2 on $1, $guest_said:"
	profile_by comm,dso
	profile_by comm,dso,symbol
}

for name in $(list profile ""); do
	for backend in "${backends[@]}"; do
		check "$name on $backend is profiled" \
			profile "$backend" "$name"
	done
done
