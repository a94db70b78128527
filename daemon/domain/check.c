/* SPDX-License-Identifier: MIT */
/*
 * What can be refused before Xen is touched: a name that is taken, a file
 * that is missing, a bridge that is not there, memory that the host has not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/domain/check.h"
#include "daemon/domain/leftover.h"
#include "daemon/host/image.h"
#include "daemon/host/kernel.h"
#include "daemon/host/link.h"
#include "daemon/host/mac.h"
#include "daemon/host/nbd_export.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/worker/script.h"
#include "daemon/xnd.h"

/*
 * On top of a guest's memory: its page tables' and Xen's own structures, as
 * libxl's LIBXL_MAXMEM_CONSTANT allows for them, and vCPUs.
 */
#define MEMORY_EXTRA_MIB 2

int domain_check_memory(struct xnd *x, uint32_t mib, struct err *e)
{
	uint64_t pages_per_mib = (1u << 20) / XC_PAGE_SIZE;
	xc_physinfo_t info = {0};
	uint64_t free_mib;

	if (xc_physinfo(x->xc, &info) < 0)
		return err_errno(e, errno, "cannot ask Xen for its memory");
	free_mib = info.free_pages + info.scrub_pages;
	free_mib -= info.outstanding_pages < free_mib ? info.outstanding_pages
						      : free_mib;
	free_mib /= pages_per_mib;
	if ((uint64_t)mib + MEMORY_EXTRA_MIB > free_mib) {
		err_set(e, ENOMEM,
			"memory: %u MiB wanted, and Xen has %llu MiB free; "
			"lower it, or end another guest, or give dom0 less "
			"(dom0_mem=)",
			mib, (unsigned long long)free_mib);
		return err_key(e, "memory");
	}
	return 0;
}

/* Opens and closes: the making opens them again, and looks again. */
static int check_files(const struct domain_config *c, struct err *e)
{
	int fd = kernel_open(c->kernel, "kernel", KERNEL_MAX_BYTES, e);

	if (fd < 0)
		return err_key(e, "kernel");
	close(fd);
	if (!c->ramdisk)
		return 0;
	fd = kernel_open(c->ramdisk, "ramdisk", RAMDISK_MAX_BYTES, e);
	if (fd < 0)
		return err_key(e, "ramdisk");
	close(fd);
	return 0;
}

/* Likewise; an NBD server is asked only when the domain is made. */
static int check_target(const struct disk_config *d,
			const struct image_use *use, struct err *e)
{
	struct nbd_export *export;
	struct image *im;

	if (nbd_uri_is(d->target)) {
		export = nbd_export_open(d->target, use, e);
		nbd_export_close(export);
		return export ? 0 : -e->code;
	}
	im = image_open_for(d->target, use, e);
	image_close(im);
	return im ? 0 : -e->code;
}

/* What a script makes of its target is seen when it has. */
static int check_disk(const struct domain_config *c, unsigned int i,
		      struct err *e)
{
	const struct disk_config *d = &c->disks[i];
	const struct image_use use = {d->read_only, d->unchecked, c->uuid,
				      d->devid};

	if (d->script) {
		if (script_check(d->script, e) == 0)
			return 0;
		err_wrap(e, "disk %s", d->vdev);
		return err_key(e, "disks[%u].script", i);
	}
	if (!d->target || check_target(d, &use, e) == 0)
		return 0;
	err_wrap(e, "disk %s", d->vdev);
	return err_key(e, "disks[%u].target", i);
}

static int check_disks(const struct domain_config *c, struct err *e)
{
	unsigned int i;

	for (i = 0; i < c->n_disks; i++)
		if (check_disk(c, i, e) < 0)
			return -e->code;
	return 0;
}

/* Open vSwitch is asked when the vif is made. */
static int check_openvswitch(const struct vif_config *v, const char **member,
			     struct err *e)
{
	if (!v->direct)
		return 0;
	*member = "direct";
	return err_set(e, EINVAL,
		       "direct: true is for a Linux bridge, which bridge %s is "
		       "not",
		       v->bridge);
}

/* A script may make what it needs: only it is looked for. */
int domain_check_place(struct xnd *x, const struct vif_config *v,
		       const char *key, struct err *e)
{
	const char *member = "script";
	int rc;

	if (v->script[0]) {
		rc = script_check(v->script, e);
	} else if (v->gatewaydev[0]) {
		member = "gatewaydev";
		rc = links_exists(x->links, v->gatewaydev)
			     ? 0
			     : err_set(e, ENODEV, "no such interface: %s",
				       v->gatewaydev);
	} else {
		member = "bridge";
		rc = links_check_bridge(x->links, v->bridge, e);
		if (rc == -EINVAL &&
		    links_may_be_openvswitch(x->links, v->bridge))
			rc = check_openvswitch(v, &member, e);
	}
	if (rc == 0)
		return 0;
	err_wrap(e, "%s", key);
	return err_key(e, "%s.%s", key, member);
}

int domain_check_vif(struct xnd *x, const struct vif_config *v, const char *key,
		     struct err *e)
{
	const struct domain *owner = domain_find_mac(x, v->mac);
	char mac[MAC_TEXT_BYTES], number[12];
	uint32_t domid = owner ? owner->domid : 0;

	if (domain_check_place(x, v, key, e) < 0)
		return -e->code;
	if (owner || leftovers_have_mac(x, v->mac, &domid)) {
		mac_print(v->mac, mac);
		snprintf(number, sizeof(number), "%u", domid);
		err_set(e, EBUSY, "%s: mac: domain %s has %s already", key,
			owner ? owner->config.name : number, mac);
		return err_key(e, "%s.mac", key);
	}
	if (v->vifname[0] && links_exists(x->links, v->vifname)) {
		err_set(e, EBUSY, "%s: vifname: there is an interface %s", key,
			v->vifname);
		return err_key(e, "%s.vifname", key);
	}
	return 0;
}

/* Two of one UUID would remove each other's /vm/UUID. */
static int check_uuid(struct xnd *x, const struct domain_config *c,
		      struct err *e)
{
	const struct domain *d;

	LIST_FOREACH(d, &x->domains, link) {
		if (strcmp(d->config.uuid, c->uuid) != 0)
			continue;
		err_set(e, EEXIST, "uuid: domain %s has %s already",
			d->config.name, c->uuid);
		return err_key(e, "uuid");
	}
	return 0;
}

int domain_check(struct xnd *x, const struct domain_config *c, struct err *e)
{
	unsigned int i;
	char key[24];

	if (domain_find(x, c->name)) {
		err_set(e, EEXIST, "name: there is a domain %s already",
			c->name);
		return err_key(e, "name");
	}
	if (check_uuid(x, c, e) < 0 || check_files(c, e) < 0 ||
	    check_disks(c, e) < 0)
		return -e->code;
	for (i = 0; i < c->n_vifs; i++) {
		snprintf(key, sizeof(key), "vifs[%u]", i);
		if (domain_check_vif(x, &c->vifs[i], key, e) < 0)
			return -e->code;
	}
	return domain_check_memory(x, c->memory_mib, e);
}
