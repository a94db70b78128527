/* SPDX-License-Identifier: MIT */
/*
 * Finding domains and what they have; what is recorded of them; waiting for
 * their end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "daemon/host/record.h"
#include "daemon/xnd.h"

struct domain *domain_new(struct xnd *x, struct domain_config *config)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->xnd = x;
	d->config = *config;
	memset(config, 0, sizeof(*config));
	LIST_INIT(&d->devices);
	LIST_INIT(&d->waiters);
	snprintf(d->log_name, sizeof(d->log_name), "%s", d->config.name);
	LIST_INSERT_HEAD(&x->domains, d, link);
	return d;
}

struct device_owner domain_owner(const struct domain *d)
{
	return (struct device_owner){
		.domid = d->domid,
		.name = d->config.name,
		.uuid = d->config.uuid,
		.vcpus = d->config.maxvcpus,
	};
}

struct domain *domain_find_domid(struct xnd *x, uint32_t domid)
{
	struct domain *d;

	LIST_FOREACH(d, &x->domains, link)
		if (d->domid && d->domid == domid)
			return d;
	return NULL;
}

struct domain *domain_find(struct xnd *x, const char *name_or_domid)
{
	struct domain *d;
	uint32_t domid;

	LIST_FOREACH(d, &x->domains, link)
		if (strcmp(d->config.name, name_or_domid) == 0)
			return d;
	if (num_parse_u32(name_or_domid, DOMID_FIRST_RESERVED - 1, &domid) < 0)
		return NULL;
	return domain_find_domid(x, domid);
}

struct domain *domain_find_mac(struct xnd *x, const uint8_t mac[6])
{
	const struct device *v;
	struct domain *d;
	unsigned int i;

	LIST_FOREACH(d, &x->domains, link) {
		/* Of one that is being made, its devices are not there yet. */
		for (i = 0; i < d->config.n_vifs; i++)
			if (memcmp(d->config.vifs[i].mac, mac, 6) == 0)
				return d;
		for (v = LIST_FIRST(&d->devices); v; v = device_next(v)) {
			const struct vif_config *c = device_vif(v);

			if (c && memcmp(c->mac, mac, 6) == 0)
				return d;
		}
	}
	return NULL;
}

struct device *domain_find_vbd(struct domain *d, uint32_t devid)
{
	struct device *v;

	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		if (device_is_vbd(v) && device_devid(v) == devid)
			return v;
	return NULL;
}

struct device *domain_find_vif(struct domain *d, uint32_t devid)
{
	struct device *v;

	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		if (device_is_vif(v) && device_devid(v) == devid)
			return v;
	return NULL;
}

void domain_device_left(const struct device *v, void *xnd)
{
	struct domain *d = domain_find_domid(xnd, device_domid(v));

	if (d && device_is_vbd(v)) {
		domain_config_rm_disk(&d->config, device_devid(v));
	} else if (d) {
		domain_config_rm_vif(&d->config, device_devid(v));
		domain_record_again(d);
	}
}

int domain_record(const struct domain *d, bool made, struct err *e)
{
	struct record record = {.domid = d->domid, .made = made};

	_Static_assert(DOMAIN_VIFS_MAX <= RECORD_MACS_MAX,
		       "a MAC of each vif is recorded");
	for (; record.n_macs < d->config.n_vifs; record.n_macs++)
		memcpy(record.macs[record.n_macs],
		       d->config.vifs[record.n_macs].mac, MAC_BYTES);
	return record_write(d->xnd->records, d->config.uuid, &record, e);
}

void domain_record_again(const struct domain *d)
{
	struct err e;

	/* Of one that ends, the record is being removed. */
	if ((d->state == DOMAIN_ALIVE || d->state == DOMAIN_OVER) &&
	    domain_record(d, true, &e) < 0)
		log_error("%s: %s", d->log_name, e.text);
}

int domain_wait(struct domain *d, domain_ended_cb *cb, void *arg, struct err *e)
{
	struct domain_waiter *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(e, ENOMEM, "no memory to wait");
	w->cb = cb;
	w->arg = arg;
	LIST_INSERT_HEAD(&d->waiters, w, link);
	return 0;
}

void domain_free(struct domain *d)
{
	struct domain_waiter *w;

	LIST_REMOVE(d, link);
	while ((w = LIST_FIRST(&d->waiters))) {
		LIST_REMOVE(w, link);
		free(w);
	}
	domain_config_clear(&d->config);
	free(d);
}
