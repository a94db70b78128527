/* SPDX-License-Identifier: MIT */
/* Reading the configuration of one vif. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "daemon/device/config.h"
#include "daemon/device/config_read.h"
#include "daemon/host/mac.h"
#include "daemon/net/prefix.h"
#include "daemon/net/vlan.h"
#include "daemon/worker/script.h"
#include "json/json.h"

#define VIF_DEVID_MAX	 255
#define VIF_MTU_MIN	 68
#define VIF_MTU_MAX	 65521

#define RATE_INTERVAL_US 50000 /* as xl's, when none is given */

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

/* Names where the value stands, for what a parser said of it. */
static int place_error(struct err *e, struct config_place at)
{
	err_wrap(e, "%s.%s", at.key, at.member);
	return err_key(e, "%s.%s", at.key, at.member);
}

static int read_mac(void *into, const struct json *v, struct config_place at,
		    struct err *e)
{
	struct vif_config *vif = into;
	const char *text = json_string(v);

	if (!text)
		return config_bad(e, at, "must be a MAC address");
	return mac_parse(text, vif->mac, e) < 0 ? place_error(e, at) : 0;
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

static int read_gatewaydev(void *into, const struct json *v,
			   struct config_place at, struct err *e)
{
	return read_ifname(((struct vif_config *)into)->gatewaydev, v, at, e);
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

static int read_script(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	struct vif_config *vif = into;
	const char *name = json_string(v);
	int n;

	if (!name || !*name)
		return config_bad(e, at,
				  "must be the name or the path of a script");
	n = snprintf(vif->script, sizeof(vif->script), "%s%s",
		     *name == '/' ? "" : SCRIPT_DIR "/", name);
	if (n >= (int)sizeof(vif->script))
		return config_bad(e, at, "is longer than 255 bytes");
	return 0;
}

static int read_vlan(void *into, const struct json *v, struct config_place at,
		     struct err *e)
{
	struct vif_config *vif = into;
	const char *text = json_string(v);

	if (!text)
		return config_bad(e, at,
				  "must be a string such as \"10p/20-30\"");
	if (!*text)
		return 0; /* none */
	return vlan_parse(text, &vif->vlans, e) < 0 ? place_error(e, at) : 0;
}

static int add_prefix(struct vif_config *vif, const struct json *v,
		      struct config_place at, struct err *e)
{
	struct prefix *p = &vif->prefixes[vif->n_prefixes];
	const char *text = json_string(v);
	unsigned int i;

	if (!text)
		return config_bad(e, at, "must be an array of addresses");
	if (prefix_parse(text, p, e) < 0)
		return place_error(e, at);
	for (i = 0; i < vif->n_prefixes; i++) {
		const struct prefix *q = &vif->prefixes[i];
		char one[PREFIX_TEXT_BYTES], other[PREFIX_TEXT_BYTES];

		if (!prefix_covers(p, q) && !prefix_covers(q, p))
			continue;
		prefix_print(q, one);
		prefix_print(p, other);
		err_set(e, EINVAL, "%s and %s have addresses in common", one,
			other);
		return place_error(e, at);
	}
	vif->n_prefixes++;
	return 0;
}

static int read_ip(void *into, const struct json *v, struct config_place at,
		   struct err *e)
{
	struct vif_config *vif = into;
	size_t i;

	if (json_type(v) != JSON_ARRAY || json_count(v) > PLACE_PREFIXES)
		return config_bad(e, at,
				  "must be an array of at most 16 addresses");
	for (i = 0; i < json_count(v); i++)
		if (add_prefix(vif, json_at(v, i), at, e) < 0)
			return -e->code;
	return 0;
}

static int read_rate_bytes(void *into, const struct json *v,
			   struct config_place at, struct err *e)
{
	int64_t n = json_int(v, -1);

	if (n < 0)
		return config_bad(e, at,
				  "must be a whole number, 0 for no limit");
	((struct vif_rate *)into)->bytes = (uint64_t)n;
	return 0;
}

static int read_rate_interval(void *into, const struct json *v,
			      struct config_place at, struct err *e)
{
	int64_t n = json_int(v, -1);

	if (n < 1 || n > UINT32_MAX)
		return config_bad(e, at,
				  "must be a number of microseconds from 1 to "
				  "4294967295");
	((struct vif_rate *)into)->interval = (uint32_t)n;
	return 0;
}

static const struct config_member rate_members[] = {
	{"bytes", read_rate_bytes},
	{"interval_us", read_rate_interval},
	{NULL, NULL},
};

static int read_rate(void *into, const struct json *v, struct config_place at,
		     struct err *e)
{
	struct vif_rate rate = {.interval = RATE_INTERVAL_US};
	struct vif_config *vif = into;
	char key[64];

	snprintf(key, sizeof(key), "%s.%s", at.key, at.member);
	if (config_read_members(rate_members, &rate, v, key, e) < 0)
		return -e->code;
	if (!json_get(v, "bytes"))
		return config_bad(e, (struct config_place){key, "bytes"},
				  "is missing");
	if (rate.bytes)
		vif->rate = rate;
	return 0;
}

static int read_carrier(void *into, const struct json *v,
			struct config_place at, struct err *e)
{
	const char *carrier = json_string(v);

	if (!carrier ||
	    (strcmp(carrier, "up") != 0 && strcmp(carrier, "down") != 0))
		return config_bad(e, at, "must be \"up\" or \"down\"");
	((struct vif_config *)into)->carrier_down = carrier[0] == 'd';
	return 0;
}

static int read_direct(void *into, const struct json *v, struct config_place at,
		       struct err *e)
{
	if (json_type(v) != JSON_BOOL)
		return config_bad(e, at, "must be true or false");
	((struct vif_config *)into)->direct = json_bool(v, false);
	return 0;
}

static int read_trusted(void *into, const struct json *v,
			struct config_place at, struct err *e)
{
	if (json_type(v) != JSON_BOOL)
		return config_bad(e, at, "must be true or false");
	((struct vif_config *)into)->untrusted = !json_bool(v, true);
	return 0;
}

static const struct config_member vif_members[] = {
	{"devid", read_devid},	   {"mac", read_mac},
	{"bridge", read_bridge},   {"gatewaydev", read_gatewaydev},
	{"vifname", read_vifname}, {"script", read_script},
	{"mtu", read_mtu},	   {"vlan", read_vlan},
	{"ip", read_ip},	   {"rate", read_rate},
	{"carrier", read_carrier}, {"direct", read_direct},
	{"trusted", read_trusted}, {NULL, NULL},
};

/*
 * What goes directly passes no bridge, nor what is done where it comes out of
 * the guest: only a vif of which that makes no difference can have it.
 */
static int check_direct(const struct vif_config *v, const char *key,
			struct err *e)
{
	char with[VIF_SCRIPT_BYTES + 64] = "", value[VLAN_TEXT_BYTES];

	if (v->script[0]) {
		snprintf(with, sizeof(with), "script %s", v->script);
	} else if (v->gatewaydev[0]) {
		snprintf(with, sizeof(with), "gatewaydev %s", v->gatewaydev);
	} else if (v->n_prefixes) {
		prefix_print(&v->prefixes[0], value);
		snprintf(with, sizeof(with), "ip %s", value);
	} else if (!vlan_is_one(&v->vlans)) {
		vlan_print(&v->vlans, value);
		snprintf(with, sizeof(with), "vlan %s", value);
	}
	if (!v->direct || !with[0])
		return 0;
	err_set(e, EINVAL,
		"%s.direct: true is for a vif in a bridge, in one VLAN, that "
		"may send from any address; not with %s",
		key, with);
	return err_key(e, "%s.direct", key);
}

/* Of two that cannot both be, the one that says more is named. */
static int check_whole(const struct vif_config *v, const char *key,
		       struct err *e)
{
	if (v->gatewaydev[0] && v->bridge[0])
		return config_bad(e, (struct config_place){key, "gatewaydev"},
				  "is for a routed vif, and bridge is given");
	if (v->gatewaydev[0] && v->vlans.pvid)
		return config_bad(e, (struct config_place){key, "vlan"},
				  "is for a vif in a bridge, and gatewaydev is "
				  "given");
	return check_direct(v, key, e);
}

int vif_config_read(struct vif_config *v, const struct json *from,
		    const char *default_bridge, const char *key, struct err *e)
{
	static const uint8_t none[6];

	memset(v, 0, sizeof(*v));
	if (config_read_members(vif_members, v, from, key, e) < 0 ||
	    check_whole(v, key, e) < 0)
		return -e->code;
	if (!v->bridge[0] && !v->gatewaydev[0])
		memccpy(v->bridge, default_bridge, 0, sizeof(v->bridge) - 1);
	if (memcmp(v->mac, none, sizeof(none)) == 0)
		return mac_random(v->mac, e);
	return 0;
}

static void put_text(struct json *v, const char *key, const char *text)
{
	if (text[0])
		json_set_string(v, key, text);
}

static void put_prefixes(struct json *v, const struct vif_config *vif)
{
	struct json *ip = json_new_array();
	char text[PREFIX_TEXT_BYTES];
	unsigned int i;

	for (i = 0; i < vif->n_prefixes; i++) {
		prefix_print(&vif->prefixes[i], text);
		json_push(ip, json_new_string(text));
	}
	json_set(v, "ip", ip);
}

static void put_rate(struct json *v, const struct vif_rate *rate)
{
	struct json *r = json_new_object();

	json_set_int(r, "bytes", (int64_t)rate->bytes);
	json_set_int(r, "interval_us", rate->interval);
	json_set(v, "rate", r);
}

struct json *vif_config_json(const struct vif_config *vif)
{
	struct json *v = json_new_object();
	char mac[MAC_TEXT_BYTES], vlan[VLAN_TEXT_BYTES];

	json_set_int(v, "devid", vif->devid);
	mac_print(vif->mac, mac);
	json_set_string(v, "mac", mac);
	put_text(v, "bridge", vif->bridge);
	put_text(v, "gatewaydev", vif->gatewaydev);
	put_text(v, "vifname", vif->vifname);
	put_text(v, "script", vif->script);
	if (vif->mtu)
		json_set_int(v, "mtu", vif->mtu);
	vlan_print(&vif->vlans, vlan);
	put_text(v, "vlan", vlan);
	if (vif->n_prefixes)
		put_prefixes(v, vif);
	if (vif->rate.bytes)
		put_rate(v, &vif->rate);
	if (vif->carrier_down)
		json_set_string(v, "carrier", "down");
	if (vif->direct)
		json_set_bool(v, "direct", true);
	if (vif->untrusted)
		json_set_bool(v, "trusted", false);
	return v;
}
