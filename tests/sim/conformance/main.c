/* SPDX-License-Identifier: MIT */
/*
 * What Xen and a Linux dom0 promise to a toolstack and its back ends, tried
 * through the ordinary libraries. The same program runs in the simulated
 * machine and on real Xen, as root of dom0, where xenstored runs too; what the
 * two print is to be the same.
 */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/sim/conformance/promise.h"
#include "tests/sim/conformance/suites.h"

#define TOO_LONG_S 200

static void (*const suites[])(const struct bed *bed) = {
	suite_events, suite_bindings,	suite_domains, suite_memory,
	suite_grants, suite_grant_ends, suite_copies,  suite_store,
};

int main(void)
{
	struct bed *bed;
	size_t i;

	alarm(TOO_LONG_S);
	bed = bed_open();
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		suites[i](bed);
	bed_close(bed);
	return promise_end();
}
