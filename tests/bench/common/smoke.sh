# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What --smoke has native benchmarks check of the tables that they print: that
# each row is there, and has its figures. No time is judged. Sourced by them.

# smoke_rows NAME ROWS PATTERN WIDTH COLUMN…: of the rows on the input that match
# PATTERN, and have WIDTH columns of figures behind words: a check for each,
# held if the figures in the COLUMNs are above nothing, and one that there are
# as many as ROWS. False if one did not hold. In a COLUMN written "N?" may be a "-", for what not every
# machine can count.
smoke_rows() {
	awk -v name="$1" -v rows="$2" -v pattern="$3" -v width="$4" \
		-v columns="${*:5}" '
	function is_figure(text, column) {
		return text ~ /^[0-9]+(\.[0-9]+)?$/ && text + 0 > 0 ||
			text == "-" && column ~ /\?$/
	}
	$0 ~ pattern {
		found++
		held = "ok"
		words = name ":"
		for (i = 1; i <= NF - width; i++)
			words = words " " $i
		n = split(columns, column, " ")
		for (i = 1; i <= n; i++)
			if (!is_figure($(NF - width + column[i] + 0), column[i]))
				held = "not ok"
		bad = bad || held != "ok"
		print held, words ": has figures"
	}
	END {
		print found == rows ? "ok" : "not ok", \
			name ": all " rows " rows are there"
		exit bad || found != rows
	}'
}
