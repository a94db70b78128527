# SPDX-License-Identifier: MIT
#
# What of a listing of dom0 is compared by leak_snapshot: what Xen says of grant
# tables, all nodes of the store, and lines "link:", "loop:", "port:", "open:"
# and "process:". Of processes, those of the toolstacks are counted.

BEGIN {
	n = split("xnd xn xn-build xn-blk xn-net xn-console qemu-nbd xl", name, " ")
}

/^link: / || /^loop: / { print; next }

/^process: / { count[$2]++; next }

/^port: / || /^open: / {
	gsub(/[0-9]+/, "N")
	print
	next
}

# without the folders that the first guest of all leaves
/^\// {
	sub(/ = .*/, "")
	if ($0 !~ /^\/(vm|libxl|xn)$/)
		print "node: " $0
	next
}

/grant-table for remote d[0-9]/ {
	sub(/.*grant-table for remote /, "")
	sub(/[^d0-9].*/, "")
	print "domain: " $0
}

/^\(XEN\) \[0x/ { print "a grant in use" }

END {
	for (i = 1; i <= n; i++)
		printf "processes of %s: %d\n", name[i], count[name[i]]
}
