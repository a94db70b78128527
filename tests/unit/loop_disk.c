/* SPDX-License-Identifier: MIT */
/* Getting a free one, which takes some luck. */
#include "tests/unit/loop_disk.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CONTROL "/dev/loop-control"

bool loop_disk_can(void)
{
	return geteuid() == 0 && access(CONTROL, R_OK | W_OK) == 0;
}

int loop_disk_open(int fd, uint32_t sector_bytes, uint32_t flags,
		   char path[LOOP_PATH_BYTES])
{
	struct loop_config config = {
		.fd = (uint32_t)fd,
		.block_size = sector_bytes,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | flags,
	};
	int control = open(CONTROL, O_RDWR | O_CLOEXEC);
	int loop = -1;
	int tries;

	/* Another program may take the free one first. */
	for (tries = 0; control >= 0 && tries < 8 && loop < 0; tries++) {
		snprintf(path, LOOP_PATH_BYTES, "/dev/loop%d",
			 ioctl(control, LOOP_CTL_GET_FREE));
		loop = open(path, O_RDWR | O_CLOEXEC);
		if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config)) {
			close(loop);
			loop = -1;
		}
	}
	close(control);
	return loop;
}
