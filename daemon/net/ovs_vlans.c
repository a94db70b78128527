/* SPDX-License-Identifier: MIT */
/* An access port, a trunk, or a trunk with a native VLAN. */
#include "daemon/net/ovs_vlans.h"

#include <errno.h>
#include <stddef.h>

#include "base/err.h"
#include "daemon/net/ovs_db.h"
#include "daemon/net/vlan.h"
#include "json/json.h"

int ovs_vlans_check(const struct vlans *vlans, struct err *e)
{
	unsigned int id;

	for (id = 1; id <= VLAN_ID_MAX; id++)
		if (vlan_untagged(vlans, id) && id != vlans->pvid)
			return err_set(e, EINVAL,
				       "vlan %u: with Open vSwitch, only the "
				       "PVID leaves without a tag",
				       id);
	return 0;
}

/* How the one without a tag is told from the n that pass. */
static const char *mode_of(const struct vlans *vlans, size_t n)
{
	if (!vlans->pvid)
		return "trunk";
	if (!vlan_untagged(vlans, vlans->pvid))
		return "native-tagged";
	return n == 1 ? NULL : "native-untagged";
}

void ovs_vlans_set(struct json *row, const struct vlans *vlans)
{
	struct json *ids = json_new_array();
	const char *mode;
	unsigned int id;

	/* The native one is named, too: no trunks at all would mean all. */
	for (id = 1; id <= VLAN_ID_MAX; id++)
		if (vlan_passes(vlans, id) || id == vlans->pvid)
			json_push(ids, json_new_int(id));
	mode = mode_of(vlans, json_count(ids));
	if (vlans->pvid)
		json_set_int(row, "tag", vlans->pvid);
	if (json_count(ids) > 0)
		json_set_string(row, "vlan_mode", mode ? mode : "access");
	if (json_count(ids) > 0 && mode)
		json_set(row, "trunks",
			 OVS_DB_LIST(json_new_string("set"), ids));
	else
		json_free(ids);
}
