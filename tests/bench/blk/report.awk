# SPDX-License-Identifier: MIT
#
# From /run/cells of the disk benchmark to a line for each store, number of
# queues and load: the median of the rounds for each backend and, in brackets,
# what xn does of it; then dom0's CPU seconds for a GiB, likewise.

function median(list, n, v, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function ratio(a, b) { return b > 0 ? sprintf("%.2f", a / b) : "-" }

{
	line = $1 " " $2 " " $3
	if (!(line in seen)) {
		seen[line] = ++lines
		name[lines] = line
		unit[lines] = $8 == 4096 ? "IOPS" : "MiB/s"
	}
	rate = $5 * 1e6 / $6
	if ($8 != 4096)
		rate *= $8 / 1048576
	rates[line, $4] = rates[line, $4] " " rate
	cpus[line, $4] = cpus[line, $4] " " ($9 / 1e9) / ($7 * $8 / 1073741824)
}

END {
	count = split(backends, backend, " ")
	for (i = 1; i <= lines; i++) {
		split(name[i], word, " ")
		text = sprintf("%-4s %dq %-13s", word[1], word[2], word[3])
		first = median(rates[name[i], backend[1]])
		text = text sprintf(" %s %.0f %s", backend[1], first, unit[i])
		for (j = 2; j <= count; j++) {
			rate = median(rates[name[i], backend[j]])
			text = text sprintf(", %s %.0f (%s)", backend[j], rate,
				ratio(first, rate))
		}
		first = median(cpus[name[i], backend[1]])
		text = text sprintf("; CPU s/GiB %.2f", first)
		for (j = 2; j <= count; j++) {
			cpu = median(cpus[name[i], backend[j]])
			text = text sprintf(", %.2f (%s)", cpu,
				ratio(first, cpu))
		}
		print text
	}
}
