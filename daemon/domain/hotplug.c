/* SPDX-License-Identifier: MIT */
/* Keeping a domain's configuration true while its devices come and go. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "daemon/domain/config.h"

int domain_config_add_disk(struct domain_config *c, const struct disk_config *d)
{
	struct err e;

	if (c->n_disks == DOMAIN_DISKS_MAX)
		return -ENOSPC;
	if (disk_config_copy(&c->disks[c->n_disks], d, &e) < 0)
		return -e.code;
	c->n_disks++;
	return 0;
}

int domain_config_set_disk(struct domain_config *c, const struct disk_config *d)
{
	struct disk_config copy;
	unsigned int i = 0;
	struct err e;

	while (i < c->n_disks && c->disks[i].devid != d->devid)
		i++;
	if (i == c->n_disks)
		return -ENOENT;
	if (disk_config_copy(&copy, d, &e) < 0)
		return -e.code;
	disk_config_clear(&c->disks[i]);
	c->disks[i] = copy;
	return 0;
}

int domain_config_add_vif(struct domain_config *c, const struct vif_config *v)
{
	if (c->n_vifs == DOMAIN_VIFS_MAX)
		return -ENOSPC;
	c->vifs[c->n_vifs++] = *v;
	return 0;
}

void domain_config_set_caps(struct domain_config *c, uint32_t devid,
			    const struct disk_caps *caps)
{
	unsigned int i;

	for (i = 0; i < c->n_disks; i++)
		if (c->disks[i].devid == devid)
			c->disks[i].caps = *caps;
}

void domain_config_set_vif(struct domain_config *c, const struct vif_config *v)
{
	unsigned int i;

	for (i = 0; i < c->n_vifs; i++)
		if (c->vifs[i].devid == v->devid)
			c->vifs[i] = *v;
}

void domain_config_rm_disk(struct domain_config *c, uint32_t devid)
{
	unsigned int i;

	for (i = 0; i < c->n_disks; i++) {
		if (c->disks[i].devid != devid)
			continue;
		disk_config_clear(&c->disks[i]);
		c->n_disks--;
		memmove(&c->disks[i], &c->disks[i + 1],
			(c->n_disks - i) * sizeof(c->disks[0]));
		return;
	}
}

void domain_config_rm_vif(struct domain_config *c, uint32_t devid)
{
	unsigned int i;

	for (i = 0; i < c->n_vifs; i++) {
		if (c->vifs[i].devid != devid)
			continue;
		c->n_vifs--;
		memmove(&c->vifs[i], &c->vifs[i + 1],
			(c->n_vifs - i) * sizeof(c->vifs[0]));
		return;
	}
}
