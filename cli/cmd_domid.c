/* SPDX-License-Identifier: MIT */
/* xn domid, xn domname: one from the other. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "cli/args.h"
#include "cli/domains.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

/* Lists the one domain that params name; NULL after saying why not. */
static struct json *find(const struct args *a)
{
	struct rpc_client *xnd = xnd_open();
	struct json *list;
	bool failed;

	if (!xnd)
		return NULL;
	list = domains_list(xnd, 1, a->rest, false, &failed);
	rpc_client_close(xnd);
	if (json_count(list) == 1)
		return list;
	json_free(list);
	return NULL;
}

/* key is what to print. */
static int print(const struct args *a, const char *key)
{
	struct json *list = find(a), *object;
	const struct json *value = json_get(json_at(list, 0), key);
	int status = EXIT_OK;
	char safe[256];

	if (!list)
		return EXIT_FAILED;
	if (a->json) {
		object = json_new_object();
		json_set(object, key, json_copy(value));
		status = say_json(object);
	} else if (json_string(value)) {
		puts(say_safely(json_string(value), safe, sizeof(safe)));
	} else if (json_type(value) == JSON_INT) {
		printf("%" PRId64 "\n", json_int(value, -1));
	} else {
		status = say("domain %s has no %s", a->rest[0], key);
	}
	json_free(list);
	return status;
}

int cmd_domid(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};

	if (args_next(&a, "", names) || !args_expect(&a, 1, 1))
		return a.status;
	return print(&a, "domid");
}

int cmd_domname(int argc, char **argv)
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	uint32_t domid;

	if (args_next(&a, "", names) || !args_expect(&a, 1, 1))
		return a.status;
	if (num_parse_u32(a.rest[0], UINT32_MAX, &domid))
		return args_misused(&a, "\"%s\" is no number", a.rest[0]);
	return print(&a, "name");
}
