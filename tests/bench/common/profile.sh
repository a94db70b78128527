# shellcheck shell=bash disable=SC2154 # names shared with benchmarks
# SPDX-License-Identifier: MIT
#
# Where dom0's time goes while a backend works, by samples of its clock. What
# Xen does for it shows as the hypercall that dom0 returns from. Sourced by
# benchmarks; perf is there if linux-perf was installed when the image was made.

# profile_by KEYS: what has a thousandth of the samples or more
profile_by() {
	perf report --stdio --no-children --sort "$1" \
		--percent-limit 0.1 -i /run/perf.data 2>/dev/null |
		grep -v '^#\|^$'
}

# profile TITLE COMMAND…: of what happens while the command runs
profile() {
	local title=$1 fine=0
	shift
	# emulated, a sample takes longer than the kernel thinks it should
	echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
	perf record --quiet -a -F 997 -e cpu-clock -o /run/perf.data &
	local recorder=$!
	sleep 1
	"$@" || fine=1
	kill -INT $recorder
	wait $recorder
	echo "profile of $title, $guest_said:"
	profile_by comm,dso
	profile_by comm,dso,symbol
	return $fine
}
