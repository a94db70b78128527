/* SPDX-License-Identifier: MIT */
/*
 * What a domain is to be: the "config" object of domain.create, checked into
 * a plain struct. Nothing here looks at the host.
 */
#ifndef XN_DOMAIN_CONFIG_H
#define XN_DOMAIN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/device/config.h"

struct err;
struct json;

#define DOMAIN_NAME_MAX	   64
#define DOMAIN_CMDLINE_MAX 1024 /* MAX_GUEST_CMDLINE, xen/xen.h */
#define DOMAIN_VCPUS_MAX   64
#define DOMAIN_DISKS_MAX   64
#define DOMAIN_VIFS_MAX	   32

/* Why a domain ended, as SHUTDOWN_* of xen/sched.h; and what then happens. */
enum domain_action { ACTION_DESTROY, ACTION_RESTART, ACTION_PRESERVE };

struct domain_config {
	char name[DOMAIN_NAME_MAX + 1];
	char uuid[37];
	uint32_t memory_mib;
	uint32_t maxmem_mib;
	uint32_t vcpus;
	uint32_t maxvcpus;
	char *kernel;  /* owned */
	char *ramdisk; /* owned; NULL for none */
	char *cmdline; /* owned; "" for none */
	struct disk_config disks[DOMAIN_DISKS_MAX];
	unsigned int n_disks;
	struct vif_config vifs[DOMAIN_VIFS_MAX];
	unsigned int n_vifs;
	enum domain_action on_poweroff;
	enum domain_action on_reboot;
	enum domain_action on_crash;
	enum domain_action on_watchdog;
};

/*
 * Fills *c from v, with a random uuid, devids and MACs where none is given.
 * default_bridge is for vifs that name none. 0, or -errno with *e set and its
 * key naming what was wrong; then nothing is to be freed.
 */
int domain_config_read(struct domain_config *c, const struct json *v,
		       const char *default_bridge, struct err *e);

/*
 * Hotplug: what a restart must know. The disk is copied. -ENOSPC when there
 * are too many, -ENOMEM.
 */
int domain_config_add_disk(struct domain_config *c,
			   const struct disk_config *d);
int domain_config_add_vif(struct domain_config *c, const struct vif_config *v);
/* Fine when there is no such disk. */
void domain_config_set_caps(struct domain_config *c, uint32_t devid,
			    const struct disk_caps *caps);
/* The disk of the same number becomes a copy of d; 0, -ENOENT or -ENOMEM. */
int domain_config_set_disk(struct domain_config *c,
			   const struct disk_config *d);
/* The vif of the same number becomes *v. Fine when there is none. */
void domain_config_set_vif(struct domain_config *c, const struct vif_config *v);
void domain_config_rm_disk(struct domain_config *c, uint32_t devid);
void domain_config_rm_vif(struct domain_config *c, uint32_t devid);

/* Frees what c owns, not c. */
void domain_config_clear(struct domain_config *c);

/* "destroy" … */
const char *action_name(enum domain_action action);

/* As domain_config_read would read it. NULL when memory is out. */
struct json *domain_config_json(const struct domain_config *c);

#endif
