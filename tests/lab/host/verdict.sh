# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# From what the machine reported to a verdict. Silence is failure: a test
# counts as passed only if its beginning, its end and every check between
# them arrived.

# verdict NAME RESULTS: one line a check, and one for each way in which the
# test itself fell short
verdict() {
	local name=$1 results=$2 status count lines
	grep -E "^(figure|ok|not ok) $name: " "$results" || true
	lines=$(grep -cE "^(not )?ok $name: " "$results" || true)
	if ! grep -qx "begin $name" "$results"; then
		echo "not ok $name: it was never begun"
	elif ! read -r _ _ status count < <(grep "^end $name " "$results"); then
		echo "not ok $name: it did not reach its end"
	elif [ "$status" = 143 ] || [ "$status" = 137 ]; then	# TERM, KILL
		echo "not ok $name: it took too long"
	elif [ "$status" != 0 ] &&
		! grep -q "^not ok $name: " "$results"; then
		echo "not ok $name: it ended with status $status"
	elif [ "$count" != "$lines" ] || [ "$lines" = 0 ]; then
		echo "not ok $name: $lines checks arrived of $count"
	fi
}

# run_tests NAME…: boots as often as it takes for each test to be taken (a test
# that takes dom0 down does not take the later ones along), then judges
run_tests() {
	local last=$lab/last left=("$@") name names=()
	rm -rf "$last"
	mkdir -p "$last"
	while [ ${#left[@]} != 0 ]; do
		boot "$lab/boot" "$(limit_of "${left[@]}")" "${left[@]}"
		rmdir "$lab/boot/taken" 2>/dev/null &&	# not even the first was
			mkdir -p "$lab/boot/taken/${left[0]}"
		names=("${left[@]}")
		left=()
		for name in "${names[@]}"; do
			if [ -e "$lab/boot/taken/$name" ]; then
				verdict "$name" "$lab/boot/results" \
					>>"$last/results"
			else
				left+=("$name")
			fi
		done
		cat "$lab/boot/log" >>"$last/log"
		keep=		# one shell is enough
	done
	summary "$last/results"
}

# summary RESULTS: what fell short, the count, and the verdict as status
summary() {
	local passed failed
	passed=$(grep -c '^ok ' "$1" || true)
	failed=$(grep -c '^not ok ' "$1" || true)
	sed -n 's/^figure //p' "$1"
	grep '^not ok ' "$1" || true
	echo "lab: $passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}
