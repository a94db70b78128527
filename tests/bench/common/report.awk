# SPDX-License-Identifier: MIT
#
# From /run/cells of a benchmark (KEY BACKEND RATE-UNIT RATE CPU-UNIT CPU WORK)
# to a line for each key: the median of the rounds for each backend and, in
# brackets, what the first does of it; then dom0's CPU seconds and the whole
# machine's microseconds, likewise.

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
	values[what, $1, $2] = values[what, $1, $2] " " value
}

# The first backend's median, and the others' with the ratio to it.
function compare(what, key, form, text, first, value, j) {
	first = median(values[what, key, backend[1]])
	text = sprintf(form, first)
	for (j = 2; j <= count; j++) {
		if (!((what, key, backend[j]) in values)) {
			text = text ", -"
			continue
		}
		value = median(values[what, key, backend[j]])
		text = text sprintf(", " form " (%s)", value,
			ratio(first, value))
	}
	return text
}

{
	if (!($1 in unit)) {
		key[++keys] = $1
		unit[$1] = $3
		cpu_unit[$1] = $5
	}
	add("rate", $4)
	add("cpu", $6)
	add("work", $7)
}

END {
	count = split(backends, backend, " ")
	print backends ":"
	for (i = 1; i <= keys; i++) {
		name = key[i]
		gsub("/", " ", name)
		printf "%-24s %6s %s; CPU s/%s %s; work us %s\n", name,
			unit[key[i]], compare("rate", key[i], "%.0f"),
			cpu_unit[key[i]], compare("cpu", key[i], "%.2f"),
			compare("work", key[i], "%.0f")
	}
}
