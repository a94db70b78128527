/* SPDX-License-Identifier: MIT */
/* The list of scripts. */
#include "tests/sim/guest/script.h"

const struct script *const scripts[] = {
	&blk_behave,
	&blk_change,
	&blk_lies,
	&blk_lies_32,
	&blk_lies_persistent,
	&blk_ring_lies,
	&blk_key_lies,
	&blk_races,
	&blk_races_32,
	&blk_races_persistent,
	&net_behave,
	&net_lies,
	&net_rx_lies,
	&net_key_lies,
	&net_races,
	&bus_lies,
	&store_lies,
	&console_behave,
	&console_lies,
	&console_input_lies,
	&vanish_poweroff,
	&vanish_reboot,
	&vanish_crash,
	&vanish_ports,
	&vanish_odd,
	&vanish_frozen,
	NULL,
};
