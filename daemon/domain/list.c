/* SPDX-License-Identifier: MIT */
/*
 * Listing: numbers from the hypervisor, names of our domains from our own
 * table, names of other toolstacks' domains from xenstore.
 */
#include "daemon/domain/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/domain/death.h"
#include "daemon/domain/hyper.h"
#include "daemon/host/uuid.h"
#include "daemon/xnd.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

struct listing {
	struct xnd *x;
	char *only; /* owned; NULL for all */
	bool details;
	list_cb *done;
	void *arg;
	xc_domaininfo_t *infos; /* owned */
	unsigned int count;
};

static void listing_free(struct listing *l)
{
	free(l->only);
	free(l->infos);
	free(l);
}

static const char *state_name(const xc_domaininfo_t *i)
{
	unsigned int reason =
		i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	if (i->flags & XEN_DOMINF_dying)
		return "dying";
	if (i->flags & XEN_DOMINF_shutdown)
		return reason == SHUTDOWN_crash ? "crashed" : "shutdown";
	if (i->flags & XEN_DOMINF_paused)
		return "paused";
	return i->flags & XEN_DOMINF_blocked ? "blocked" : "running";
}

static void add_state(struct json *v, const xc_domaininfo_t *i)
{
	unsigned int reason =
		i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	json_set_string(v, "state", state_name(i));
	json_set_bool(v, "running", i->flags & XEN_DOMINF_running);
	json_set_bool(v, "blocked", i->flags & XEN_DOMINF_blocked);
	json_set_bool(v, "paused", i->flags & XEN_DOMINF_paused);
	json_set_bool(v, "shutdown", i->flags & XEN_DOMINF_shutdown);
	json_set_bool(v, "dying", i->flags & XEN_DOMINF_dying);
	json_set(v, "shutdown_reason",
		 json_new_string(i->flags & XEN_DOMINF_shutdown
					 ? death_reason_name(reason)
					 : NULL));
}

static void add_numbers(struct json *v, const xc_domaininfo_t *i)
{
	const uint64_t kib_per_page = XC_PAGE_SIZE / 1024;
	char uuid[UUID_TEXT_BYTES];

	uuid_print(i->handle, uuid);
	json_set_string(v, "uuid", uuid);
	json_set_int(v, "memory_kib", (int64_t)(i->tot_pages * kib_per_page));
	json_set_int(v, "max_memory_kib",
		     (int64_t)(i->max_pages * kib_per_page));
	json_set_int(v, "vcpus", i->nr_online_vcpus);
	json_set(v, "cpu_seconds", json_new_real((double)i->cpu_time / 1e9));
}

static void add_details(struct json *v, const struct domain *d)
{
	struct json *disks = json_new_array();
	struct json *vifs = json_new_array();
	struct json *console = json_new_object();
	const struct device *dev;

	for (dev = LIST_FIRST(&d->devices); dev; dev = device_next(dev))
		json_push(device_is_vbd(dev) ? disks : vifs, device_json(dev));
	json_set_string(console, "tty", d->tty);
	json_set_int(console, "port", d->console_port);
	json_set_string(console, "log", d->log);
	json_set(v, "config", domain_config_json(&d->config));
	json_set(v, "disks", disks);
	json_set(v, "vifs", vifs);
	json_set(v, "console", console);
}

static struct json *domain_json(const struct listing *l,
				const xc_domaininfo_t *i, const char *name)
{
	const struct domain *d = domain_find_domid(l->x, i->domain);
	struct json *v = json_new_object();

	json_set_int(v, "domid", i->domain);
	json_set_string(v, "name", d ? d->config.name : name);
	json_set_bool(v, "managed", d != NULL);
	add_state(v, i);
	add_numbers(v, i);
	json_set(v, "uptime_seconds",
		 d ? json_new_int(time(NULL) - d->started) : json_new_null());
	if (d && l->details)
		add_details(v, d);
	return v;
}

static bool is_wanted(const struct listing *l, const xc_domaininfo_t *i,
		      const char *name)
{
	const struct domain *d = domain_find_domid(l->x, i->domain);
	char domid[12];

	if (!l->only)
		return true;
	if (d)
		name = d->config.name;
	snprintf(domid, sizeof(domid), "%u", i->domain);
	return (name && strcmp(name, l->only) == 0) ||
	       strcmp(domid, l->only) == 0;
}

static void on_names(const struct xs_values *names, void *arg)
{
	struct listing *l = arg;
	struct json *list = json_new_array();
	struct err e;
	unsigned int i;
	char domid[12];

	for (i = 0; i < l->count; i++) {
		const char *name;

		snprintf(domid, sizeof(domid), "%u", l->infos[i].domain);
		name = values_get(names, domid);
		if (is_wanted(l, &l->infos[i], name))
			json_push(list, domain_json(l, &l->infos[i], name));
	}
	if (!list) {
		err_set(&e, ENOMEM, "no memory for a list");
		l->done(NULL, &e, l->arg);
	} else if (l->only && !json_count(list)) {
		err_set(&e, ENOENT, "there is no domain %s", l->only);
		json_free(list);
		l->done(NULL, &e, l->arg);
	} else {
		l->done(list, NULL, l->arg);
	}
	listing_free(l);
}

struct xs_values *list_others(struct xnd *x, const xc_domaininfo_t *list,
			      unsigned int count)
{
	struct xs_values *names = values_new();
	unsigned int i;
	char domid[12];

	for (i = 0; i < count; i++) {
		if (domain_find_domid(x, list[i].domain))
			continue;
		snprintf(domid, sizeof(domid), "%u", list[i].domain);
		values_want(names, domid, "/local/domain/%s/name", domid);
	}
	return names;
}

int list_domains(struct xnd *x, const char *only, bool details, list_cb *done,
		 void *arg, struct err *e)
{
	struct listing *l = calloc(1, sizeof(*l));
	int rc;

	if (!l || (only && !(l->only = strdup(only)))) {
		err_set(e, ENOMEM, "no memory for a list");
		goto fail;
	}
	l->x = x;
	l->details = details;
	l->done = done;
	l->arg = arg;
	rc = hyper_list(x->xc, &l->infos, &l->count);
	if (rc < 0) {
		err_errno(e, -rc, "cannot list domains");
		goto fail;
	}
	if (xs_fetch(x->xs, list_others(x, l->infos, l->count), on_names, l))
		return 0;
	err_set(e, ENOMEM, "no memory for a list");

fail:
	if (l)
		listing_free(l);
	return -e->code;
}
