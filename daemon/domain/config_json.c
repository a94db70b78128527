/* SPDX-License-Identifier: MIT */
/* A domain's configuration, back into what it was read from. */
#include "daemon/domain/config.h"
#include "json/json.h"

static const char *const action_names[] = {
	[ACTION_DESTROY] = "destroy",
	[ACTION_RESTART] = "restart",
	[ACTION_PRESERVE] = "preserve",
};

const char *action_name(enum domain_action action)
{
	return action_names[action];
}

struct json *domain_config_json(const struct domain_config *c)
{
	struct json *v = json_new_object();
	struct json *disks = json_new_array();
	struct json *vifs = json_new_array();
	unsigned int i;

	json_set_string(v, "name", c->name);
	json_set_string(v, "uuid", c->uuid);
	json_set_string(v, "type", "pv");
	json_set_int(v, "memory", c->memory_mib);
	json_set_int(v, "maxmem", c->maxmem_mib);
	json_set_int(v, "vcpus", c->vcpus);
	json_set_int(v, "maxvcpus", c->maxvcpus);
	json_set_string(v, "kernel", c->kernel);
	if (c->ramdisk)
		json_set_string(v, "ramdisk", c->ramdisk);
	json_set_string(v, "cmdline", c->cmdline);
	for (i = 0; i < c->n_disks; i++)
		json_push(disks, disk_config_json(&c->disks[i]));
	json_set(v, "disks", disks);
	for (i = 0; i < c->n_vifs; i++)
		json_push(vifs, vif_config_json(&c->vifs[i]));
	json_set(v, "vifs", vifs);
	json_set_string(v, "on_poweroff", action_name(c->on_poweroff));
	json_set_string(v, "on_reboot", action_name(c->on_reboot));
	json_set_string(v, "on_crash", action_name(c->on_crash));
	json_set_string(v, "on_watchdog", action_name(c->on_watchdog));
	return v;
}
