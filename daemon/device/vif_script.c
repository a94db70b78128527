/* SPDX-License-Identifier: MIT */
/* Vifs that a classic hotplug script places: what such scripts are told. */
#include "daemon/device/vif_script.h"

#include <stdio.h>
#include <string.h>

#include "daemon/device/kind.h"
#include "daemon/device/script_life.h"
#include "daemon/net/prefix.h"
#include "daemon/net/vlan.h"
#include "daemon/worker/script.h"
#include "daemon/xs/plan.h"

/* "192.0.2.7 2001:db8::/64" */
static void plan_prefixes(const struct device *d, struct xs_plan *plan)
{
	char text[PLACE_PREFIXES * PREFIX_TEXT_BYTES] = "";
	const struct vif_config *c = &d->u.vif.config;
	char one[PREFIX_TEXT_BYTES];
	unsigned int i;

	if (c->n_prefixes == 0)
		return;
	for (i = 0; i < c->n_prefixes; i++) {
		prefix_print(&c->prefixes[i], one);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i > 0 ? " " : "", one);
	}
	plan_write(plan, text, "%s/ip", d->back);
}

/*
 * No "vifname": of a vif that has one they rename its interface, which has
 * that name already, and then refuse to. "ifname" is for leftover_scripts.
 */
void vif_script_plan(const struct device *d, struct xs_plan *plan)
{
	const struct vif_config *c = &d->u.vif.config;
	char vlans[VLAN_TEXT_BYTES];

	plan_write(plan, c->script, "%s/script", d->back);
	plan_write(plan, d->u.vif.ifname, "%s/ifname", d->back);
	if (c->gatewaydev[0])
		plan_write(plan, c->gatewaydev, "%s/gatewaydev", d->back);
	if (c->mtu)
		plan_write_u64(plan, c->mtu, "%s/mtu", d->back);
	vlan_print(&c->vlans, vlans);
	if (vlans[0])
		plan_write(plan, vlans, "%s/vlan", d->back);
	plan_prefixes(d, plan);
}

static void tell(const struct device *d, struct script_run *run)
{
	const char *gateway = d->u.vif.config.gatewaydev;

	run->word = "type_if=vif";
	run->more[0] = (struct script_word){"vif", d->u.vif.ifname};
	if (gateway[0])
		run->more[1] = (struct script_word){"netdev", gateway};
}

static int blame(const struct device *d, struct err *e)
{
	return err_wrap(e, "vif %u", d->devid);
}

static const struct script_use use = {
	.begin = "online",
	.undo = "offline",
	.tell = tell,
	.blame = blame,
};

int vif_script_new(struct device *d, struct err *e)
{
	d->u.vif.script = script_life_new(d, &use, d->u.vif.config.script, e);
	return d->u.vif.script ? 0 : -e->code;
}
