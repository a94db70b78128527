/* SPDX-License-Identifier: MIT */
/* Objects whose every member must be known. */
#include "daemon/device/config_read.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "json/json.h"

int config_bad(struct err *e, struct config_place at, const char *why)
{
	err_set(e, EINVAL, "%s.%s: %s", at.key, at.member, why);
	return err_key(e, "%s.%s", at.key, at.member);
}

int config_read_members(const struct config_member *members, void *into,
			const struct json *from, const char *key, struct err *e)
{
	char shown[48];
	size_t i;

	if (json_type(from) != JSON_OBJECT) {
		err_set(e, EINVAL, "%s: must be an object", key);
		return err_key(e, "%s", key);
	}
	for (i = 0; i < json_count(from); i++) {
		struct config_place at = {key, json_key(from, i)};
		const struct config_member *m = members;
		int rc;

		while (m->name && strcmp(m->name, at.member) != 0)
			m++;
		if (!m->name) {
			at.member =
				text_escape(at.member, shown, sizeof(shown));
			return config_bad(e, at, "no such key");
		}
		rc = m->read(into, json_member(from, i), at, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}
