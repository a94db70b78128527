/* SPDX-License-Identifier: MIT */
/* Connections to the daemon and the words for their failures. */
#include "cli/xnd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/say.h"
#include "json/json.h"
#include "rpc/rpc.h"

struct rpc_client *xnd_open(void)
{
	const char *path = getenv("XN_SOCKET");
	struct rpc_client *xnd;
	struct err e;

	if (!path || !*path)
		path = RPC_SOCKET;
	xnd = rpc_client_open(path, &e);
	if (xnd)
		return xnd;
	if (e.code == ENOENT || e.code == ECONNREFUSED)
		say("xnd is not running (%s); start it with \"systemctl start "
		    "xnd\"",
		    e.text);
	else if (e.code == EACCES || e.code == EPERM)
		say("xnd may not be asked by this user (%s); run xn as root",
		    e.text);
	else
		say("cannot connect to xnd: %s", e.text);
	return NULL;
}

/* "there is no domain web" needs no "domain web: " before it. */
static bool says_whom(const char *text, const char *domain)
{
	scoped_str whom = text_format("domain %s", domain);

	return text_begins(text, "domain ") || (whom && strstr(text, whom));
}

struct json *xnd_call(struct rpc_client *xnd, enum method method,
		      struct json *params, const char *domain)
{
	struct json *result;
	struct err e;

	result = rpc_client_call(xnd, method, params, NULL, &e);
	if (result)
		return result;
	if (domain && e.code != ENOTCONN && !says_whom(e.text, domain))
		say("domain %s: %s", domain, e.text);
	else
		say("%s", e.text);
	return NULL;
}

bool xnd_tell(struct rpc_client *xnd, enum method method, struct json *params,
	      const char *domain)
{
	struct json *result = xnd_call(xnd, method, params, domain);
	bool ok = result != NULL;

	json_free(result);
	return ok;
}

struct json *xnd_about(const char *domain)
{
	struct json *params = json_new_object();

	json_set_string(params, "domain", domain);
	return params;
}

int xnd_show(enum method method, struct json *params, const char *domain,
	     bool json)
{
	struct rpc_client *xnd = xnd_open();
	struct json *result;

	if (!xnd) {
		json_free(params);
		return EXIT_FAILED;
	}
	result = xnd_call(xnd, method, params, domain);
	rpc_client_close(xnd);
	if (!result)
		return EXIT_FAILED;
	if (json)
		return say_json(result);
	json_free(result);
	return EXIT_OK;
}

int xnd_do(enum method method, struct json *params, const char *domain)
{
	return xnd_show(method, params, domain, false);
}
