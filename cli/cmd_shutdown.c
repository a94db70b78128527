/* SPDX-License-Identifier: MIT */
/* xn shutdown, xn reboot: ask guests, and with -w wait until they are gone. */
#include "cli/commands.h"

#include <errno.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/domains.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

static struct json *about_domid(const struct json *domain)
{
	struct json *params = json_new_object();

	json_set_int(params, "domain", json_get_int(domain, "domid", -1));
	return params;
}

static bool ask(struct rpc_client *xnd, enum method method,
		const struct json *domain)
{
	char name[128];

	domains_name(domain, name, sizeof(name));
	return xnd_tell(xnd, method, about_domid(domain), name);
}

/* A domain that is gone before we ask has kept us waiting no longer. */
static bool wait_for(struct rpc_client *xnd, const struct json *domain)
{
	struct json *result;
	char name[128];
	struct err e;

	result = rpc_client_call(xnd, METHOD_DOMAIN_WAIT, about_domid(domain),
				 NULL, &e);
	if (result) {
		json_free(result);
		return true;
	}
	if (e.code == ENOENT || e.code == ESRCH)
		return true;
	say("domain %s: %s", domains_name(domain, name, sizeof(name)), e.text);
	return false;
}

/* Running guests of xnd when all, else whatever was named. */
static bool is_meant(const struct json *domain, bool all)
{
	return !all || (json_get_bool(domain, "managed", false) &&
			!json_get_bool(domain, "shutdown", false) &&
			!json_get_bool(domain, "dying", false));
}

static int act(struct rpc_client *xnd, enum method method, const struct args *a,
	       bool all, bool wait)
{
	struct json *list;
	bool failed;
	size_t i;

	list = domains_list(xnd, all ? 0 : 1, a->rest, false, &failed);
	if (!list)
		return EXIT_FAILED;
	for (i = 0; i < json_count(list); i++)
		if (is_meant(json_at(list, i), all) &&
		    !ask(xnd, method, json_at(list, i)))
			failed = true;
	for (i = 0; wait && !failed && i < json_count(list); i++)
		if (is_meant(json_at(list, i), all) &&
		    !wait_for(xnd, json_at(list, i)))
			failed = true;
	json_free(list);
	return failed ? EXIT_FAILED : EXIT_OK;
}

static int run(enum method method, int argc, char **argv)
{
	static const struct option names[] = {{"all", no_argument, NULL, 'a'},
					      {"wait", no_argument, NULL, 'w'},
					      ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	bool all = false, wait = false;
	struct rpc_client *xnd;
	int c, status;

	while ((c = args_next(&a, "aw", names)) > 0) {
		all |= c == 'a';
		wait |= c == 'w';
	}
	if (c < 0)
		return a.status;
	if (!all && a.count == 0)
		return args_misused(&a, "give -a or a domain");
	if (!args_expect(&a, all ? 0 : 1, all ? 0 : 1))
		return a.status;
	xnd = xnd_open();
	if (!xnd)
		return EXIT_FAILED;
	status = act(xnd, method, &a, all, wait);
	rpc_client_close(xnd);
	return status;
}

int cmd_shutdown(int argc, char **argv)
{
	return run(METHOD_DOMAIN_SHUTDOWN, argc, argv);
}

int cmd_reboot(int argc, char **argv)
{
	return run(METHOD_DOMAIN_REBOOT, argc, argv);
}
