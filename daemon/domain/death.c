/* SPDX-License-Identifier: MIT */
/*
 * xenstored says that some domain has shut down or is gone (@releaseDomain).
 * That may be wrong (XSA-325), so the hypervisor is asked, and then the
 * domain's configuration says what follows.
 */
#include "daemon/domain/death.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/domain/create.h"
#include "daemon/domain/end.h"
#include "daemon/domain/hyper.h"
#include "daemon/domain/leftover.h"
#include "daemon/xnd.h"
#include "daemon/xs/xs.h"

const char *death_reason_name(unsigned int reason)
{
	static const char *const names[] = {
		[SHUTDOWN_poweroff] = "poweroff",
		[SHUTDOWN_reboot] = "reboot",
		[SHUTDOWN_suspend] = "suspend",
		[SHUTDOWN_crash] = "crash",
		[SHUTDOWN_watchdog] = "watchdog",
		[SHUTDOWN_soft_reset] = "soft_reset",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason]
							 : "unknown";
}

static enum domain_action action_of(const struct domain_config *c,
				    unsigned int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return c->on_poweroff;
	case SHUTDOWN_reboot:
		return c->on_reboot;
	case SHUTDOWN_crash:
		return c->on_crash;
	case SHUTDOWN_watchdog:
		return c->on_watchdog;
	default:
		return ACTION_DESTROY;
	}
}

static const xc_domaininfo_t *info_of(const xc_domaininfo_t *list,
				      unsigned int count,
				      const struct domain *d)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (list[i].domain == d->domid &&
		    memcmp(list[i].handle, d->uuid, sizeof(d->uuid)) == 0)
			return &list[i];
	return NULL;
}

static void domain_shut_down(struct domain *d, unsigned int reason)
{
	log_info("%s: has shut down: %s", d->log_name,
		 death_reason_name(reason));
	switch (action_of(&d->config, reason)) {
	case ACTION_PRESERVE:
		d->state = DOMAIN_OVER;
		return;
	case ACTION_RESTART:
		d->restart = true;
		__attribute__((fallthrough));
	case ACTION_DESTROY:
		domain_end(d);
	}
}

static void domain_look(struct domain *d, const xc_domaininfo_t *info)
{
	struct err e;

	if (info && !(info->flags & XEN_DOMINF_dying)) {
		if (d->state == DOMAIN_ALIVE &&
		    (info->flags & XEN_DOMINF_shutdown))
			domain_shut_down(
				d, info->flags >> XEN_DOMINF_shutdownshift &
					   XEN_DOMINF_shutdownmask);
		return;
	}
	if (d->state == DOMAIN_ENDING)
		return;
	log_warn("%s: somebody else has destroyed it", d->log_name);
	if (d->state == DOMAIN_MAKING) {
		err_set(&e, ENOENT, "it was destroyed while it was made");
		domain_create_fail(d, &e);
	} else {
		domain_end(d);
	}
}

static void on_released(void *arg)
{
	struct xnd *x = arg;
	xc_domaininfo_t *list;
	unsigned int count;
	struct domain *d;
	struct domain *next;
	int rc = hyper_list(x->xc, &list, &count);

	if (rc < 0) {
		log_error("cannot list domains: %s", strerror(-rc));
		return;
	}
	for (d = LIST_FIRST(&x->domains); d; d = next) {
		next = LIST_NEXT(d, link);
		if (d->domid)
			domain_look(d, info_of(list, count, d));
	}
	leftovers_sweep(x, list, count);
	free(list);
}

int death_watch(struct xnd *x, struct err *e)
{
	x->released = xs_watch_new(x->xs, "@releaseDomain", on_released, x);
	if (!x->released)
		return err_set(e, ENOMEM, "no memory for a watch");
	return 0;
}
