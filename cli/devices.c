/* SPDX-License-Identifier: MIT */
/* Attaching, changing, detaching and listing devices of any kind. */
#include "cli/devices.h"

#include <stdio.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/args.h"
#include "cli/say.h"
#include "cli/xnd.h"
#include "json/json.h"

int devices_attach(enum method method, const char *domain, const char *key,
		   struct json *device, bool json)
{
	struct json *params = xnd_about(domain);

	json_set(params, key, device);
	return xnd_show(method, params, domain, json);
}

struct json *devices_about(const char *domain, const char *device)
{
	struct json *params = xnd_about(domain);
	uint32_t devid;

	if (num_parse_u32(device, UINT32_MAX, &devid) == 0)
		json_set_int(params, "device", devid);
	else
		json_set_string(params, "device", device);
	return params;
}

int devices_detach(int argc, char **argv, enum method method)
{
	static const struct option names[] = {{"force", no_argument, NULL, 'f'},
					      ARGS_HELP_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *params;
	bool force = false;
	int option;

	while ((option = args_next(&a, "f", names)) > 0)
		force = true;
	if (option < 0 || !args_expect(&a, 2, 2))
		return a.status;
	params = devices_about(a.rest[0], a.rest[1]);
	if (force)
		json_set_bool(params, "force", true);
	return xnd_do(method, params, a.rest[0]);
}

int devices_set(int argc, char **argv, enum method method,
		int (*read)(const char *word, struct json *params,
			    struct err *e))
{
	static const struct option names[] = {ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	struct json *params;
	struct err e;
	int i;

	if (args_next(&a, "", names) || !args_expect(&a, 3, argc))
		return a.status;
	params = devices_about(a.rest[0], a.rest[1]);
	for (i = 2; i < a.count; i++)
		if (read(a.rest[i], params, &e) < 0) {
			json_free(params);
			return args_misused(&a, "%s", e.text);
		}
	return xnd_show(method, params, a.rest[0], a.json);
}

bool devices_add(struct rpc_client *xnd, enum method method,
		 struct json *params, const char *domain, struct json *list)
{
	struct json *found = xnd_call(xnd, method, params, domain);
	struct json *device;
	bool ok = true;
	size_t i;

	if (!found)
		return false;
	for (i = 0; ok && i < json_count(found); i++) {
		device = json_copy(json_at(found, i));
		ok = json_set_string(device, "domain", domain);
		ok = json_push(list, device) && ok;
	}
	json_free(found);
	if (!ok)
		say("out of memory");
	return ok;
}

static struct json *find_all(enum method method, int count, char **domains,
			     bool *failed)
{
	struct rpc_client *xnd = xnd_open();
	struct json *list;
	int i;

	if (!xnd)
		return NULL;
	list = json_new_array();
	*failed = false;
	for (i = 0; list && i < count; i++)
		if (!devices_add(xnd, method, xnd_about(domains[i]), domains[i],
				 list))
			*failed = true;
	rpc_client_close(xnd);
	if (!list)
		say("out of memory");
	return list;
}

static int show(const struct args *a, enum method method, const char *heading,
		void (*row)(const struct json *device))
{
	struct json *list;
	bool failed;
	size_t i;

	list = find_all(method, a->count, a->rest, &failed);
	if (!list)
		return EXIT_FAILED;
	if (a->json)
		return say_json(list) | (failed ? EXIT_FAILED : EXIT_OK);
	puts(heading);
	for (i = 0; i < json_count(list); i++)
		row(json_at(list, i));
	json_free(list);
	return failed ? EXIT_FAILED : EXIT_OK;
}

/*
 * One device at a time: the figures of all that a domain may have, with those
 * of all their queues, are more than one answer is to hold.
 */
static bool add_figures(struct rpc_client *xnd, enum method method,
			const char *domain, struct json *list)
{
	struct json *found = json_new_array();
	bool ok = devices_add(xnd, method, xnd_about(domain), domain, found);
	size_t i;

	for (i = 0; ok && i < json_count(found); i++) {
		struct json *params = xnd_about(domain);

		json_set_int(params, "device",
			     json_get_int(json_at(found, i), "devid", -1));
		json_set_bool(params, "figures", true);
		ok = devices_add(xnd, method, params, domain, list);
	}
	json_free(found);
	return ok;
}

static int show_figures(const struct args *a, enum method method,
			void (*report)(const struct json *device))
{
	struct rpc_client *xnd = xnd_open();
	int i, status = EXIT_OK;
	struct json *list;
	size_t k;

	if (!xnd)
		return EXIT_FAILED;
	list = json_new_array();
	for (i = 0; list && i < a->count; i++)
		if (!add_figures(xnd, method, a->rest[i], list))
			status = EXIT_FAILED;
	rpc_client_close(xnd);
	if (!list)
		return say("out of memory");
	if (a->json)
		return say_json(list) | status;
	for (k = 0; k < json_count(list); k++) {
		if (k)
			putchar('\n');
		report(json_at(list, k));
	}
	json_free(list);
	return status;
}

int devices_list(int argc, char **argv, enum method method, const char *heading,
		 void (*row)(const struct json *device),
		 void (*report)(const struct json *device))
{
	static const struct option names[] = {{"long", no_argument, NULL, 'l'},
					      ARGS_JSON_ROWS};
	struct args a = {.argc = argc, .argv = argv};
	bool figures = false;
	int option;

	while ((option = args_next(&a, "l", names)) > 0)
		figures = true;
	if (option < 0 || !args_expect(&a, 1, argc))
		return a.status;
	return figures ? show_figures(&a, method, report)
		       : show(&a, method, heading, row);
}

const char *devices_text(const struct json *device, const char *key, char *out,
			 size_t size)
{
	const char *text = json_get_string(device, key);

	return say_safely(text ? text : "-", out, size);
}

const char *devices_state(const struct json *device)
{
	/* XenbusStateUnknown is 0, and so on: public/io/xenbus.h */
	static const char *const names[] = {
		"unknown",     "initialising",	"initwait",
		"initialised", "connected",	"closing",
		"closed",      "reconfiguring", "reconfigured"};
	static const char *const numbers[] = {"0", "1", "2", "3", "4",
					      "5", "6", "7", "8"};
	const struct json *state = json_get(device, "state");
	const char *word = json_string(state);
	int64_t n = json_int(state, -1);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (n == (int64_t)i || (word && !strcasecmp(word, names[i])))
			return numbers[i];
	return "?";
}

const char *devices_error(const struct json *device, char *out, size_t size)
{
	const char *text = json_get_string(device, "error");
	char safe[512];

	snprintf(out, size, "%s%s", text ? "  # " : "",
		 say_safely(text ? text : "", safe, sizeof(safe)));
	return out;
}
