/* SPDX-License-Identifier: MIT */
/* Asking xnd for domains. */
#include "cli/domains.h"

#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* Adds the domains that name (NULL: all) stands for. False after saying. */
static bool add(struct rpc_client *xnd, const char *name, bool details,
		struct json *list)
{
	struct json *params = name ? xnd_about(name) : json_new_object();
	struct json *found;
	size_t i;

	if (details)
		json_set_bool(params, "details", true);
	found = xnd_call(xnd, METHOD_DOMAIN_LIST, params, name);
	if (!found)
		return false;
	for (i = 0; i < json_count(found); i++)
		json_push(list, json_copy(json_at(found, i)));
	json_free(found);
	return true;
}

struct json *domains_list(struct rpc_client *xnd, int count, char **names,
			  bool details, bool *failed)
{
	struct json *list = json_new_array();
	int i;

	*failed = false;
	if (!list)
		say("out of memory");
	if (list && count == 0 && !add(xnd, NULL, details, list)) {
		json_free(list);
		return NULL;
	}
	for (i = 0; list && i < count; i++)
		if (!add(xnd, names[i], details, list))
			*failed = true;
	return list;
}

char *domains_name(const struct json *domain, char *out, size_t size)
{
	const char *name = json_get_string(domain, "name");

	return say_safely(name ? name : "(null)", out, size);
}
