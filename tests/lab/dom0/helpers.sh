# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What lab tests share. A test is a script that runs inside dom0, sources this
# and reports through `check` and `need`.

set -u
test_name=$(basename "$0" .test)
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
above() { ((${1:-0} > $2)) || { say "'$1' is not above $2"; false; }; }

# wait_until SECONDS COMMAND…: polls until the command succeeds
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		usleep 100000
	done
}

# wait_for PATTERN FILE SECONDS
wait_for() {
	wait_until "$3" grep -q -- "$1" "$2" ||
		{ say "no '$1' in $2 after $3 seconds"; false; }
}

# make_image FILE [MiB]: begins with 16 MiB of noise
make_image() {
	head -c 16777216 /dev/urandom >"$1"
	truncate -s "${2:-32}M" "$1"
}

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
		extra = "console=hvc0 quiet mitigations=off name=$name $options"
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

# the part of an image that a guest's read_disk reads
sum_of_read() { head -c 16777216 "$1" | sha256sum | cut -d' ' -f1; }

# the part that its write_disk writes
sum_of_written() {
	dd if="$1" bs=1M skip=16 count=1 2>/dev/null | sha256sum | cut -d' ' -f1
}

domain_gone() { ! xl domid "$1" >/dev/null 2>&1; }

show_logs() {
	local file
	for file in /var/log/xn/* "$logs"/*; do
		[ ! -f "$file" ] || tail -n 40 "$file" | sed "s,^,$file: ,"
	done
}

at_exit() {
	if [ ! -s /run/checks ] || grep -q '^not ok' /run/checks; then
		show_logs
	fi
}
trap at_exit EXIT
