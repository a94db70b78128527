/* SPDX-License-Identifier: MIT */
/* Reading the configuration of one vif. */
#include <string.h>

#include "base/err.h"
#include "daemon/device/config.h"
#include "daemon/device/config_read.h"
#include "daemon/host/mac.h"
#include "json/json.h"

#define VIF_DEVID_MAX 255
#define VIF_MTU_MIN   68
#define VIF_MTU_MAX   65521

static int read_devid(void *into, const struct json *v, struct config_place at,
		      struct err *e)
{
	struct vif_config *vif = into;
	int64_t n = json_int(v, -1);

	if (n < 0 || n > VIF_DEVID_MAX)
		return config_bad(e, at,
				  "must be a whole number from 0 to 255");
	vif->devid = (uint32_t)n;
	vif->has_devid = true;
	return 0;
}

static int read_mac(void *into, const struct json *v, struct config_place at,
		    struct err *e)
{
	struct vif_config *vif = into;
	const char *text = json_string(v);

	if (!text)
		return config_bad(e, at, "must be a MAC address");
	if (mac_parse(text, vif->mac, e) < 0) {
		err_wrap(e, "%s.%s", at.key, at.member);
		return err_key(e, "%s.%s", at.key, at.member);
	}
	return 0;
}

/* The kernel's dev_valid_name(): no slash, colon or blank, fits IFNAMSIZ. */
static int read_ifname(char out[IFNAMSIZ], const struct json *v,
		       struct config_place at, struct err *e)
{
	const char *name = json_string(v);
	const char *s;

	if (!name || !*name || strlen(name) >= IFNAMSIZ ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return config_bad(e, at,
				  "must be an interface's name of at most 15 "
				  "characters");
	for (s = name; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr("/:%", *s))
			return config_bad(e, at,
					  "holds a character that no "
					  "interface's name may have");
	strcpy(out, name);
	return 0;
}

static int read_bridge(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	return read_ifname(((struct vif_config *)into)->bridge, v, at, e);
}

static int read_vifname(void *into, const struct json *v,
			struct config_place at, struct err *e)
{
	return read_ifname(((struct vif_config *)into)->vifname, v, at, e);
}

static int read_mtu(void *into, const struct json *v, struct config_place at,
		    struct err *e)
{
	int64_t n = json_int(v, -1);

	if (n < VIF_MTU_MIN || n > VIF_MTU_MAX)
		return config_bad(e, at,
				  "must be a whole number from 68 to 65521");
	((struct vif_config *)into)->mtu = (uint32_t)n;
	return 0;
}

static const struct config_member vif_members[] = {
	{"devid", read_devid},	   {"mac", read_mac}, {"bridge", read_bridge},
	{"vifname", read_vifname}, {"mtu", read_mtu}, {NULL, NULL},
};

int vif_config_read(struct vif_config *v, const struct json *from,
		    const char *default_bridge, const char *key, struct err *e)
{
	static const uint8_t none[6];

	memset(v, 0, sizeof(*v));
	if (config_read_members(vif_members, v, from, key, e) < 0)
		return -e->code;
	if (!v->bridge[0])
		memccpy(v->bridge, default_bridge, 0, sizeof(v->bridge) - 1);
	if (memcmp(v->mac, none, sizeof(none)) == 0)
		return mac_random(v->mac, e);
	return 0;
}

struct json *vif_config_json(const struct vif_config *vif)
{
	struct json *v = json_new_object();
	char mac[MAC_TEXT_BYTES];

	json_set_int(v, "devid", vif->devid);
	mac_print(vif->mac, mac);
	json_set_string(v, "mac", mac);
	json_set_string(v, "bridge", vif->bridge);
	if (vif->vifname[0])
		json_set_string(v, "vifname", vif->vifname);
	if (vif->mtu)
		json_set_int(v, "mtu", vif->mtu);
	return v;
}
