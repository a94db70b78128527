/* SPDX-License-Identifier: MIT */
/* xn block-set: how fast a disk may be. */
#include "cli/commands.h"

#include "cli/cap.h"
#include "cli/devices.h"

int cmd_block_set(int argc, char **argv)
{
	return devices_set(argc, argv, METHOD_BLOCK_SET, cap_read);
}
