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
# SIZE make the unit of the rate, and CPU-SIZE that of the CPU time. False if
# nothing was done.
cell() {
	awk -v cpu="$cpu_ns" -v work="$work_ns" '
	$7 <= 0 { exit 1 }
	{
		print $1, $2, $3, $7 / $4 * 1e6 / $8, $5,
			cpu / 1e9 / ($9 / $6), work / 1e3 / ($9 / $4)
	}' <<<"$*" >>/run/cells
}

# measured MS COMMAND…: a measurement, by COMMAND… MS, which returns 2 if it was
# too short for anything to be done; then it is made again, and longer
measured() {
	local time=$1 status
	shift
	for ((;; time *= 4)); do
		status=0
		"$@" "$time" || status=$?
		[ $status = 2 ] && ((time < 8000)) || return $status
	done
}

# report BACKEND…: medians, and ratios of the first's to the others'
report() {
	local line
	awk -v backends="$*" -f /lab/common/report.awk /run/cells |
	tee /run/report |
	while IFS= read -r line; do
		figure "$line"
	done
}

cells_have_figures() {
	awk 'NF != 7 || $4 <= 0 || $6 <= 0 || $7 <= 0 { print; bad = 1 }
		END { exit bad }' /run/cells
}

# In each line three for each backend that its load had, but the first.
ratios_due() {
	awk '!(($1, $2) in seen) { seen[$1, $2] = 1; n++ }
		!($1 in key) { key[$1] = 1; n-- }
		END { print 3 * n }' /run/cells
}

ratios_reported() { grep -oE '\([0-9]+\.[0-9]+\)' /run/report | wc -l; }

# check_report CELLS: nothing of it is missing; whether it is much is not judged
check_report() {
	check "each measurement is there" same "$(wc -l </run/cells)" "$1"
	check "with figures above nothing" cells_have_figures
	check "and with its ratios" same "$(ratios_reported)" "$(ratios_due)"
}
