# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What lab tests share. A test is a script that runs inside dom0, sources this
# and reports through `check` and `need`.

set -u
test_name=$(basename "$0" .test)
rm -f /var/log/xn/* /var/log/xen/console/* /run/xnd.log	# of earlier tests
logs=/var/log/xn		# where the toolstack under test logs consoles

say() { echo "$test_name: $*"; }

# result ok|"not ok" WHAT
result() {
	echo "$1 $test_name: $2" | tee -a /run/checks >"$RESULTS"
	echo "$1 $test_name: $2"
}

# check WHAT COMMAND…: one check, held if the command succeeds
check() {
	local what=$1
	shift
	if "$@"; then
		result ok "$what"
	else
		result "not ok" "$what"
		return 1
	fi
}

# need WHAT COMMAND…: a check without which the rest makes no sense
need() {
	check "$@" || exit 1
}

same() { [ "$1" = "$2" ] || { say "'$1' is not '$2'"; false; }; }
fails() { ! "$@"; }
above() { ((${1:-0} > ${2:-0})) || { say "'$1' is not above '$2'"; false; }; }

# figure TEXT: a measurement, shown with the verdict
figure() {
	echo "figure $test_name: $1" >"$RESULTS"
	echo "$1"
}

# option NAME DEFAULT: what tests/lab/run --option NAME=VALUE said
option() {
	local value
	value=$(sed -n "s/.*\<lab\.$1=\([^ ]*\).*/\1/p" /proc/cmdline)
	echo "${value:-$2}"
}

# rest SECONDS: on a pipe that nobody writes to, for to start a process takes an
# emulated machine, and the guest that is waited for, long
[ -p /run/silence ] || mkfifo /run/silence
rest() { read -r -t "$1" <>/run/silence || true; }

# The seconds that are named below are those of a machine with nothing else to
# do; others may take so many times as long.
patience=4

# wait_until SECONDS COMMAND…: polls until the command succeeds
wait_until() {
	local end=$((SECONDS + patience * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		rest 0.1
	done
}

# wait_for PATTERN FILE SECONDS: looks again only if there may be more in the file
wait_for() {
	local end=$((SECONDS + patience * $3)) looked=/run/looked.$BASHPID
	until
		: >"$looked"
		grep -qs -- "$1" "$2"
	do
		rest 0.1
		while [ "$looked" -nt "$2" ] && ((SECONDS < end)); do
			rest 0.1
		done
		((SECONDS < end)) ||
			{ say "no '$1' in $2, waited in vain"; return 1; }
	done
}

# make_image FILE [MiB]: begins with 16 MiB of noise. To make noise takes
# seconds: it is that of the first image, from another place on.
make_image() {
	local noise=/run/noise.img place=$((RANDOM * 511 + 1))
	[ -e $noise ] || head -c 16777216 /dev/urandom >$noise
	{
		tail -c +$((place + 1)) $noise
		head -c $place $noise
	} >"$1"
	truncate -s "${2:-32}M" "$1"
}

# What the guest's kernel need not do here: test its ciphers, and make its own
# code read-only, by a hypercall a page. That is nearly half of what its start
# costs in an emulator.
guest_kernel="mitigations=off cryptomgr.notests rodata=off"

# make_config NAME OPTIONS [LINE…]: /tmp/NAME.cfg for a lab guest; OPTIONS go
# to its command line (see guest/init), LINEs into the file
make_config() {
	local name=$1 options=$2
	shift 2
	{
		cat <<-EOF
		name = "$name"
		type = "pv"
		kernel = "/guest/vmlinux"
		ramdisk = "/guest/guest.cpio"
		extra = "console=hvc0 quiet $guest_kernel name=$name $options"
		memory = 192
		vcpus = 1
		EOF
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"/tmp/$name.cfg"
}

guest_log() { echo "$logs/guest-$1.log"; }

# guest_says NAME PATTERN SECONDS: waits for a line "GUEST PATTERN"
guest_says() { wait_for "^GUEST $2" "$(guest_log "$1")" "$3"; }

# guest_value NAME KEY…: the last word of the last line "GUEST KEY…"
guest_value() {
	local name=$1
	shift
	tr -d '\r' <"$(guest_log "$name")" | grep "^GUEST $* " |
		sed -n '$s/.* //p'
}

sum_of() { sha256sum "$1" | cut -d' ' -f1; }

quick_sum_of() { md5sum "$1" | cut -d' ' -f1; }

# sum_of_read FILE [MiB]: of the part that a guest's read_disk reads
sum_of_read() {
	dd if="$1" bs=1M count="${2:-16}" 2>/dev/null | sha256sum |
		cut -d' ' -f1
}

# sum_of_written FILE: of the part that its write_disk writes
sum_of_written() {
	dd if="$1" bs=1M skip=16 count=1 2>/dev/null | sha256sum | cut -d' ' -f1
}

# ---- the daemon ----

xnd_pid=
xnd_log=/run/xnd.log

xnd_answers() { xn list >/dev/null 2>&1; }

start_xnd() {
	xnd --foreground --config /etc/xn/xnd.conf </dev/null 2>>"$xnd_log" &
	xnd_pid=$!
	wait_until 10 xnd_answers
}

# ended PID: also one that the shell has not waited for, which it may find out
# only when it starts another program
ended() {
	local stat
	read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
	[[ ${stat##*) } == Z* ]]
}

# stop_xnd: asks it to end, and is true if it did so at once and in order
stop_xnd() {
	local status=0
	kill -TERM "$xnd_pid" || return 1
	wait_until 10 ended "$xnd_pid" || return 1
	wait "$xnd_pid" || status=$?
	xnd_pid=
	return $status
}

# kill_xnd: at once, as an out-of-memory killer would
kill_xnd() {
	kill -9 "$xnd_pid" && { wait "$xnd_pid" 2>/dev/null || true; }
	xnd_pid=
}

# leave_xnd: to the shell that --keep gives, if it does
leave_xnd() { [ -z "$(option keep)" ] || xnd_pid=; }

# domain_gone NAME: neither toolstack nor hypervisor knows it any more
domain_gone() { ! xl domid "$1" >/dev/null 2>&1; }

# ---- a scripted console ----

console_command=(xn console)
console_PID=			# set by coproc

# console_open COMMAND…: starts a console client
console_open() {
	console_heard=
	coproc console { "$@" 2>&1; }
	console_process=$console_PID
}

# console_hear SECONDS: what comes in that time; false if nothing has
console_hear() {
	local part=
	IFS= read -r -t "$1" -d '' -u "${console[0]}" part || true
	part=${part//$'\r'/}
	console_heard+=${part//$'\e[6n'/}	# busybox asks where its cursor is
	[ -n "$part" ]
}

# console_expect PATTERN SECONDS: reads on until PATTERN (a regular
# expression) is heard; what comes after it is kept for the next call
console_expect() {
	local end=$((SECONDS + patience * $2))
	until [[ $console_heard =~ $1 ]]; do
		if ((SECONDS >= end)); then
			say "no '$1' on the console but: ${console_heard@Q}"
			return 1
		fi
		console_hear 0.1 || true
	done
	console_before=${console_heard%%"${BASH_REMATCH[0]}"*}
	console_heard=${console_heard#*"${BASH_REMATCH[0]}"}
}

console_type() { printf '%s' "$1" >&"${console[1]}"; }

# console_leave: Ctrl-], and true if the command ended well at once
console_leave() {
	local status=0
	console_type $'\035'
	wait_until 5 ended "$console_process" ||
		kill "$console_process"
	wait "$console_process" || status=$?
	return $status
}

# console_login: from whatever the guest's console shows to a shell's prompt.
# It may begin with what was said long ago, which comes at once: that is heard
# out first. A getty that begins just then forgets what was typed before, and
# a prompt that the kernel says something behind is none: both are asked for
# again.
console_login() {
	local end=$((SECONDS + 2)) tries
	until console_hear 0.2 || ((SECONDS >= end)); do :; done
	while console_hear 0.3; do :; done
	for tries in 1 2 3 4 5; do
		console_heard=
		console_type $'\r'
		! console_expect '(login: |# )$' 5 || break
		[ "$tries" != 5 ] || return 1
	done
	[[ ${BASH_REMATCH[0]} != login* ]] || {
		console_type $'root\r'
		console_expect '# $' 20
	}
}

# guest_run NAME COMMAND…: logs in through `xn console`, runs a command there
# and prints what it said; its status is the command's
guest_run() {
	local name=$1 mark=$RANDOM status
	shift
	console_open "${console_command[@]}" "$name"
	console_login || { console_leave; return 1; }
	# what is typed is echoed, so the marks are not typed as they will read
	console_type "echo B''EGIN $mark; $*; echo E''ND $mark \$?"$'\r'
	if ! console_expect "BEGIN $mark"$'\n' 10 ||
		! console_expect "END $mark [0-9]+"$'\n' 60; then
		console_leave
		return 1
	fi
	status=${BASH_REMATCH[0]##* }
	printf '%s' "$console_before"
	console_leave
	return "${status%$'\n'}"
}

# ---- what must not be left behind ----

# leak_snapshot: all that a guest brings into dom0, in a form to compare: the
# domains and the grants in use as Xen itself sees them, the store, links, loop
# devices, dom0's event channels, processes, and xnd's descriptors. Numbers
# that differ from one time to the next are left out (leaks.awk).
leak_snapshot() {
	xl debug-keys g
	{
		xl dmesg -c
		xenstore-ls -f /
		printf 'link: %s\n' /sys/class/net/*
		printf 'loop: %s\n' /sys/block/loop*/loop/backing_file
		lsevtchn 0 | while read -r _ what; do echo "port: $what"; done
		[ -z "$xnd_pid" ] || readlink "/proc/$xnd_pid/fd"/* |
			while read -r what; do echo "open: $what"; done
		for what in /proc/[0-9]*/comm; do
			read -r what <"$what" && echo "process: $what"
		done 2>/dev/null
	} | awk -f /lab/leaks.awk | sort
}

# nothing_left SNAPSHOT: true once a snapshot is the same as that file
nothing_left() {
	local before=$1 tries=0
	until leak_snapshot >/run/leaks && cmp -s "$before" /run/leaks; do
		((++tries < 6)) || { diff "$before" /run/leaks; return 1; }
		rest 0.5
	done
}

# memory_of PID: resident, in KiB
memory_of() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }

# ---- the end ----

show_logs() {
	local file
	for file in "$xnd_log" "$logs"/*; do
		[ ! -f "$file" ] || tail -n 30 "$file" | sed "s,^,$file: ,"
	done
}

at_exit() {
	if [ ! -s /run/checks ] || grep -q '^not ok' /run/checks; then
		show_logs
	fi
	[ -z "$xnd_pid" ] || stop_xnd	# before the next test starts its own
}
trap at_exit EXIT
