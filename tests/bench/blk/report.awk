# SPDX-License-Identifier: MIT
#
# From /run/cells of the disk benchmark to a line for each store, number of
# queues and load: the median of the rounds for each backend and, in brackets,
# what xn does of it; then dom0's CPU seconds for a GiB and the whole machine's
# microseconds for a request, likewise.

function median(list, n, v, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function ratio(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "-" }

function add(what, value) {
	values[what, line, $4] = values[what, line, $4] " " value
}

# The first backend's median, and the others' with the ratio to it.
function compare(what, line, form, text, first, value, j) {
	first = median(values[what, line, backend[1]])
	text = sprintf(form, first)
	for (j = 2; j <= count; j++) {
		value = median(values[what, line, backend[j]])
		text = text sprintf(", " form " (%s)", value,
			ratio(first, value))
	}
	return text
}

{
	line = $1 " " $2 " " $3
	if (!(line in seen)) {
		seen[line] = ++lines
		name[lines] = line
		unit[lines] = $8 == 4096 ? "IOPS" : "MiB/s"
	}
	add("rate", $5 * 1e6 / $6 * ($8 == 4096 ? 1 : $8 / 1048576))
	add("cpu", ($9 / 1e9) / ($7 * $8 / 1073741824))
	add("work", $10 / 1e3 / $7)
}

END {
	count = split(backends, backend, " ")
	print backends ":"
	for (i = 1; i <= lines; i++) {
		split(name[i], word, " ")
		printf "%-4s %dq %-13s %5s %s; CPU s/GiB %s; work us %s\n",
			word[1], word[2], word[3], unit[i],
			compare("rate", name[i], "%.0f"),
			compare("cpu", name[i], "%.2f"),
			compare("work", name[i], "%.0f")
	}
}
