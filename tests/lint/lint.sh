# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the lints share: which files there are, and TAP. A lint is a function
# that prints what it finds, a line each: FILE:LINE: what is wrong. Sourced.

export LC_ALL=C
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 99

checks=0

# verdict NAME FUNCTION [ARGUMENT...]: ok if FUNCTION succeeds silently
verdict() {
	name=$1
	shift
	checks=$((checks + 1))
	if found=$("$@" 2>&1) && [ -z "$found" ]; then
		echo "ok $checks - $name"
	else
		echo "not ok $checks - $name"
		printf '%s\n' "${found:-ended with an error}" | sed 's/^/# /'
	fi
}

# verdict_with TOOL PACKAGE NAME FUNCTION...: a missing tool is said
verdict_with() {
	if command -v "$1" >/dev/null; then
		shift 2
		verdict "$@"
	else
		checks=$((checks + 1))
		echo "ok $checks # SKIP $3: no $1: apt-get install $2"
	fi
}

plan() {
	echo "1..$checks"
}

# The folders of design, without what a build leaves in them.
files() {
	find lib daemon build backends console cli etc doc tests \
		-path tests/fuzz/corpus -prune -o \
		\( -name .deps -o -name '*.o' -o -name '*.a' -o -name '*.log' \
		-o -name '*.trs' -o -name .dirstamp \) -prune -o -type f -print
	find . -maxdepth 2 -type f \( -path ./demo -o -path ./check \
		-o -path './.ci/*' \) | sed 's,^\./,,'
}

sources() {
	files | grep '\.[ch]$'
}

# Shell scripts: by name, or by their first line.
scripts() {
	files | grep -vE '\.([ch]|md|mk|in|[1-9])$' | xargs awk '
		FILENAME ~ /\.sh$/ ||
			/^#!.*[\/ ](ba)?sh( |$)|^# shellcheck shell=/ {
			print FILENAME
		}
		{ nextfile }'
}
