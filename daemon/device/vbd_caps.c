/* SPDX-License-Identifier: MIT */
/* A disk's caps: kept for its workers, and told to the one there is. */
#include "daemon/device/vbd_caps.h"

#include <errno.h>

#include "daemon/device/kind.h"
#include "daemon/worker/process.h"

int vbd_send_caps(const struct device *d, struct err *e)
{
	const struct disk_caps *caps = &d->u.vbd.config.caps;
	union msg m;
	int rc;

	msg_init(&m, MSG_BLK_CAPS);
	m.blk_caps.domid = d->domid;
	m.blk_caps.iops = caps->iops;
	m.blk_caps.bytes_per_second = caps->bytes_per_second;
	rc = process_send(d->worker, &m, NULL, 0);
	if (rc < 0 && rc != -EPIPE)
		return err_errno(e, -rc, "its worker cannot be reached");
	return 0;
}

int device_set_caps(struct device *d, const struct disk_caps *caps,
		    struct err *e)
{
	struct disk_caps before = d->u.vbd.config.caps;

	d->u.vbd.config.caps = *caps;
	/* Before that it is told when it is started. */
	if ((d->phase == PHASE_STARTED || d->phase == PHASE_SERVING) &&
	    vbd_send_caps(d, e) < 0) {
		d->u.vbd.config.caps = before;
		return err_wrap(e, "disk %s", d->name);
	}
	log_info("%s: capped to %llu requests, %llu bytes a second (0: not)",
		 d->log_name, (unsigned long long)caps->iops,
		 (unsigned long long)caps->bytes_per_second);
	return 0;
}
