# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the host-side scripts of the project share: messages, a progress line
# for long steps, and the question "is this file older than what it is made
# of?". Sourced by ./demo, ./check and everything under tests/.

set -euo pipefail
export LC_ALL=C			# the output of apt and dpkg is parsed

# Read by the scripts that source this file.
# shellcheck disable=SC2034
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=$(basename "$0")

note() { printf '%s\n' "$*" >&2; }
die() { note "$me: $*"; exit 1; }

# as_root COMMAND...: directly as root, through sudo as anyone else
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root or sudo for: $*"
	fi
}

# stale TARGET INPUT...: true if TARGET is missing or older than an input
# (of a folder, than anything in it)
stale() {
	local target=$1
	shift
	[ -e "$target" ] || return 0
	[ -n "$(find "$@" -newer "$target" -print -quit)" ]
}

# step WHAT COMMAND...: runs a long command with its output in a log file and
# one line of progress here; shows the end of the log if it fails
step() {
	local what=$1 log began=$SECONDS pid status=0
	shift
	mkdir -p "$top/out/log"
	log=$top/out/log/$(tr -cs 'a-zA-Z0-9\n' - <<<"$what").log
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	step_progress "$pid" "$what" "$log" "$began"
	wait "$pid" || status=$?
	if [ $status = 0 ]; then
		step_line $'\n' "$what" $((SECONDS - began)) "done"
	else
		step_line $'\n' "$what" $((SECONDS - began)) failed
		tail -n 25 "$log" >&2
		note "$me: $what failed; all it said is in $log"
	fi
	return $status
}

# On a terminal, one line redrawn every second with the last line of the log;
# elsewhere, a line every 20 seconds.
step_progress() {
	local pid=$1 what=$2 log=$3 began=$4 last
	while kill -0 "$pid" 2>/dev/null; do
		if [ -t 2 ]; then
			last=$(tail -c 400 "$log" | tr -d '\r' | tail -n 1)
			step_line $'\r' "$what" $((SECONDS - began)) "$last"
			sleep 0.2
		elif (((SECONDS - began) % 20 == 19)); then
			step_line $'\n' "$what" $((SECONDS - began)) "still at it"
			sleep 1
		else
			sleep 0.2
		fi
	done
}

# step_line END WHAT SECONDS TEXT
step_line() {
	local width=79
	[ -t 2 ] && printf '\r\033[K' >&2
	printf "%.${width}s%s" "$(printf '%-42s %4ds  %s' "$2" "$3" \
		"$(tr -cd '[:print:]' <<<"$4")")" "$1" >&2
}
