# shellcheck shell=bash disable=SC2154 # names shared with benchmarks
# SPDX-License-Identifier: MIT
#
# What a measurement costs: the CPU time that dom0 used, as Xen accounts it,
# and the work of all domains and Xen, by the clock of the machine that
# emulates them (see boot_work): the one figure that tells something when
# that machine is busy with other things. Sourced by benchmarks.

meter_open() {
	coproc cputime { exec cputime; }
	exec {meter}<>/dev/vport1p3
	: >/run/cells
}

cpu_time() {
	echo "$1" >&"${cputime[1]}"
	read -r -u "${cputime[0]}" cpu_ns
}

work_done() {
	echo >&"$meter"
	read -r -u "$meter" work_ns
}

meter_begin() {
	cpu_time 0
	cpu_before=$cpu_ns
	work_done
	work_before=$work_ns
}

meter_end() {
	work_done
	cpu_time 0
	cpu_ns=$((cpu_ns - cpu_before)) work_ns=$((work_ns - work_before))
}

# cell KEY BACKEND RATE-UNIT SIZE CPU-UNIT CPU-SIZE DONE MICROSECONDS ALL: keeps
# a measurement: DONE in those MICROSECONDS and ALL in all, of things of which
# SIZE make the unit of the rate, and CPU-SIZE that of the CPU time
cell() {
	awk -v cpu="$cpu_ns" -v work="$work_ns" '
	$7 > 0 {
		print $1, $2, $3, $7 / $4 * 1e6 / $8, $5,
			cpu / 1e9 / ($9 / $6), work / 1e3 / ($9 / $4)
	}' <<<"$*" >>/run/cells
}

# report BACKEND…: medians, and ratios of the first's to the others'
report() {
	local line
	awk -v backends="$*" -f /lab/common/report.awk /run/cells |
	while IFS= read -r line; do
		figure "$line"
	done
}
