# shellcheck shell=bash disable=SC2034,SC2154 # names shared with benchmarks
# SPDX-License-Identifier: MIT
#
# Guests of a benchmark that do what is typed on their consoles: those whose
# names begin with xn or direct are xn's, the others the peer toolstack's.
# Sourced by benchmarks, after dom0/helpers.sh.

declare -A domid in out		# of a guest; and both ends of its console

is_ours() { [[ $1 = xn* || $1 = direct* ]]; }

tool_of() { is_ours "$1" && echo xn || echo xl; }

log_of() {
	is_ours "$1" || local logs=/var/log/xen/console
	guest_log "$1"
}

# guest_hear GUEST PATTERN SECONDS: reads its console up to that line, in
# guest_said then; without polling, for that would be dom0's CPU time too
guest_hear() {
	local end=$((SECONDS + $3))
	while IFS= read -r -t $((end - SECONDS + 1)) -u "${out[$1]}" guest_said
	do
		guest_said=${guest_said%%$'\r'*}
		[[ ! $guest_said =~ $2 ]] || return 0
		((SECONDS < end)) || break
	done
	say "no '$2' from $1"
	return 1
}

console_program() {
	if is_ours "$1"; then
		exec xn console "$1"
	else
		exec "$(dirname "$(readlink -f /usr/sbin/xl)")/xenconsole" \
			--interactive "${domid[$1]}"
	fi
}

# guest_open GUEST: its console on two descriptors
guest_open() {
	local to=/run/to.$1 from=/run/from.$1
	rm -f "$to" "$from"
	mkfifo "$to" "$from"
	(console_program "$1") <"$to" >"$from" 2>&1 &
	exec {console_in}>"$to" {console_out}<"$from"
	in[$1]=$console_in out[$1]=$console_out
}

guest_start() {
	rm -f "$(log_of "$1")"
	"$(tool_of "$1")" create "/tmp/$1.cfg" >/dev/null ||
		{ cat /var/log/xen/*.log; return 1; }
	domid[$1]=$(xl domid "$1")
	wait_for "^GUEST obeys" "$(log_of "$1")" 240 || return 1
	guest_open "$1"
}

guest_stop() {
	console_in=${in[$1]} console_out=${out[$1]}
	exec {console_in}>&- {console_out}<&-
	"$(tool_of "$1")" destroy "$1" && wait_until 20 domain_gone "$1"
}

# guest_do GUEST COMMAND…: its last line of output is in guest_said
guest_do() {
	local name=$1 mark=$RANDOM
	shift
	echo "echo said $mark \$($*)" >&"${in[$name]}"
	guest_hear "$name" "^said $mark( |\$)" 120 || return 1
	guest_said=${guest_said#said "$mark"}
	guest_said=${guest_said# }
}
