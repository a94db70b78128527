/* SPDX-License-Identifier: MIT */
/* From a key of the protocol back to the line that the person wrote. */
#include "cli/cfg_domain.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cfg.h"

/* What stands for what: the first that is set is the place. */
static const char *const origins[][4] = {
	{"cmdline", "cmdline", "extra", "root"},
	{"maxmem", "maxmem", "memory", NULL},
	{"maxvcpus", "maxvcpus", "vcpus", NULL},
	{"type", "type", "builder", NULL},
};

static const struct cfg_setting *find_origin(const struct cfg *cfg,
					     const char *key)
{
	const struct cfg_setting *s;
	size_t i, j;

	for (i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		if (strcmp(origins[i][0], key) != 0)
			continue;
		for (j = 1; j < 4 && origins[i][j]; j++) {
			s = cfg_find(cfg, origins[i][j]);
			if (s)
				return s;
		}
	}
	return cfg_find(cfg, key);
}

/* "disks[1].target" is the second item of "disk". */
static bool find_item(const struct cfg *cfg, const char *key,
		      struct cfg_pos *pos)
{
	bool disk = text_begins(key, "disks[");
	const struct cfg_setting *s;
	unsigned long index;

	if (!disk && !text_begins(key, "vifs["))
		return false;
	s = cfg_find(cfg, disk ? "disk" : "vif");
	if (!s || s->value->type != CFG_LIST)
		return false;
	index = strtoul(strchr(key, '[') + 1, NULL, 10);
	*pos = index < s->value->count ? s->value->items[index]->pos : s->pos;
	return true;
}

bool cfg_domain_where(const struct cfg *cfg, const char *key,
		      struct cfg_pos *pos)
{
	const struct cfg_setting *s;

	if (find_item(cfg, key, pos))
		return true;
	if (strcmp(key, "disks") == 0)
		key = "disk";
	else if (strcmp(key, "vifs") == 0)
		key = "vif";
	s = find_origin(cfg, key);
	if (!s)
		return false;
	*pos = s->value->pos;
	return true;
}
