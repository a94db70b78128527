/* SPDX-License-Identifier: MIT */
/* What a disk or a vif is to be, checked; nothing here looks at the host. */
#ifndef XN_DEVICE_CONFIG_H
#define XN_DEVICE_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/device/format.h"
#include "daemon/net/place.h"

struct err;
struct json;

#define VDEV_MAX 32

/* What its guest gets of it at most; 0: no cap. */
struct disk_caps {
	uint64_t iops;		   /* requests a second */
	uint64_t bytes_per_second; /* read and written */
};

struct disk_config {
	char vdev[VDEV_MAX]; /* "xvda" */
	uint32_t devid;	     /* its number in xenstore */
	/*
	 * Owned: an absolute path, an NBD URI (then raw), or what script takes;
	 * NULL for a CD-ROM drive without a medium.
	 */
	char *target;
	char *script; /* owned: an absolute path; NULL for none */
	enum disk_format format;
	bool read_only;
	bool unchecked;	     /* "w!": writes, whoever else does */
	bool cdrom;	     /* and read-only */
	bool no_discard;     /* the guest gives nothing back */
	bool direct_io_safe; /* written for others to read: ours always is */
	bool untrusted;	     /* the guest bounces what it gives us (XSA-403) */
	struct disk_caps caps;
};

/* How much its guest may send; bytes 0: no limit. */
struct vif_rate {
	uint64_t bytes;	   /* in each interval */
	uint32_t interval; /* microseconds */
};

#define VIF_SCRIPT_BYTES 256

struct vif_config {
	uint32_t devid;
	bool has_devid;
	uint8_t mac[6];
	char bridge[IFNAMSIZ];
	char gatewaydev[IFNAMSIZ]; /* routed, not bridged: then bridge is "" */
	char vifname[IFNAMSIZ];	   /* "" for vif<domid>.<devid> */
	char script[VIF_SCRIPT_BYTES]; /* "" for none; an absolute path */
	uint32_t mtu;		       /* 0 for the bridge's */
	struct vlans vlans;
	unsigned int n_prefixes; /* what it may send from; 0: anything */
	struct prefix prefixes[PLACE_PREFIXES];
	struct vif_rate rate;
	bool carrier_down; /* its cable is out */
	/*
	 * Frames to others of its bridge that have this go directly. Then it is
	 * in a bridge, in one VLAN, without script and prefixes.
	 */
	bool direct;
	bool untrusted; /* the guest bounces what it gives us (XSA-403) */
};

/*
 * Fill *d or *v. key: how the value is called in errors ("disks[1]"). 0, or
 * -errno with *e set; then nothing is to be freed. An unknown member is an
 * error. A vif without a MAC gets a random one in Xen's range.
 */
int disk_config_read(struct disk_config *d, const struct json *from,
		     const char *key, struct err *e);
int vif_config_read(struct vif_config *v, const struct json *from,
		    const char *default_bridge, const char *key, struct err *e);

/* One of the caps. 0, or -EINVAL when v is no whole number from 0 up. */
int disk_cap_read(uint64_t *cap, const struct json *v);

/* Sets "iops" and "bytes_per_second", those that there are. */
void disk_caps_json(const struct disk_caps *caps, struct json *into);

void disk_config_clear(struct disk_config *d); /* frees what it owns */

/*
 * Copies: 0, or -ENOMEM with *e set; then *to is as it was. What *to held is
 * not freed.
 */
int disk_config_copy(struct disk_config *to, const struct disk_config *from,
		     struct err *e);

/* Of two that differ in nothing else: exchanges what says where the image is. */
void disk_config_swap_target(struct disk_config *a, struct disk_config *b);

struct json *disk_config_json(const struct disk_config *d);
struct json *vif_config_json(const struct vif_config *v);

/*
 * The number of a virtual disk by its name, as docs/misc/xen-vbd-interface
 * has it: xvd*, sd*, hd*, d<N>p<M>, with a partition or without. 0 or -EINVAL.
 */
int vdev_number(const char *vdev, uint32_t *number);

#endif
