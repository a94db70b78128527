/* SPDX-License-Identifier: MIT */
/* The handshake's table, walked whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/device/bus.h"

/* Theirs runs from Unknown to Reconfigured; a letter an act. */
static const struct {
	enum xenbus_state ours;
	const char *acts;
} rows[] = {
	/* theirs:                    0123 4567 8 */
	{XenbusStateUnknown, "........."},
	{XenbusStateInitialising, "........."},
	{XenbusStateInitWait, "...cclxc."},
	{XenbusStateInitialised, "........."},
	{XenbusStateConnected, "xx...lxt."},
	{XenbusStateClosing, "xx....x.."},
	{XenbusStateClosed, ".r.rr...."},
	{XenbusStateReconfiguring, "........."},
	{XenbusStateReconfigured, "xx..glx.."},
};

static enum bus_act act_of(char letter)
{
	switch (letter) {
	case 'c':
		return BUS_CONNECT;
	case 'l':
		return BUS_CLOSING;
	case 'x':
		return BUS_DISCONNECT;
	case 'r':
		return BUS_REOPEN;
	case 't':
		return BUS_RECONFIGURE;
	case 'g':
		return BUS_GO_ON;
	default:
		return BUS_WAIT;
	}
}

static void test_table(void **state)
{
	size_t i;
	unsigned int theirs;

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), BUS_STATES);
	for (i = 0; i < BUS_STATES; i++)
		for (theirs = 0; theirs < BUS_STATES; theirs++)
			assert_int_equal(bus_next(rows[i].ours, theirs),
					 act_of(rows[i].acts[theirs]));
}

static void test_no_state(void **state)
{
	static const unsigned int wild[] = {BUS_STATES, 255, UINT32_MAX};
	size_t i;
	unsigned int ours;

	(void)state;
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		for (ours = 0; ours < BUS_STATES; ours++)
			assert_int_equal(
				bus_next((enum xenbus_state)ours, wild[i]),
				BUS_WAIT);
		assert_string_equal(bus_state_name(wild[i]), "?");
	}
}

/* Every state has a name of its own for the log. */
static void test_names(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < BUS_STATES; i++)
		assert_string_not_equal(bus_state_name(i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_state),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
