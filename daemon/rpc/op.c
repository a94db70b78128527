/* SPDX-License-Identifier: MIT */
/* The table from methods to operations, and how parameters are read. */
#include "daemon/rpc/op.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/rpc/call.h"
#include "daemon/xnd.h"
#include "json/json.h"
#include "rpc/method.h"

static op *const ops[METHOD_COUNT] = {
	[METHOD_XND_VERSION] = op_xnd_version,
	[METHOD_HOST_INFO] = op_host_info,
	[METHOD_DOMAIN_CREATE] = op_domain_create,
	[METHOD_DOMAIN_LIST] = op_domain_list,
	[METHOD_DOMAIN_DESTROY] = op_domain_destroy,
	[METHOD_DOMAIN_SHUTDOWN] = op_domain_shutdown,
	[METHOD_DOMAIN_REBOOT] = op_domain_reboot,
	[METHOD_DOMAIN_WAIT] = op_domain_wait,
	[METHOD_DOMAIN_PAUSE] = op_domain_pause,
	[METHOD_DOMAIN_UNPAUSE] = op_domain_unpause,
	[METHOD_CONSOLE_ATTACH] = op_console_attach,
	[METHOD_BLOCK_ATTACH] = op_block_attach,
	[METHOD_BLOCK_DETACH] = op_block_detach,
	[METHOD_BLOCK_LIST] = op_block_list,
	[METHOD_BLOCK_SET] = op_block_set,
	[METHOD_BLOCK_RESIZE] = op_block_resize,
	[METHOD_BLOCK_INSERT] = op_block_insert,
	[METHOD_BLOCK_EJECT] = op_block_eject,
	[METHOD_NETWORK_ATTACH] = op_network_attach,
	[METHOD_NETWORK_DETACH] = op_network_detach,
	[METHOD_NETWORK_LIST] = op_network_list,
	[METHOD_NETWORK_SET] = op_network_set,
};

void op_dispatch(struct call *c, int method, void *arg)
{
	ops[method](arg, c);
}

int op_params(const struct call *c, const char *const *allowed, struct err *e)
{
	const struct json *params = call_params(c);
	char shown[64];
	size_t i;

	for (i = 0; i < json_count(params); i++) {
		const char *key = json_key(params, i);
		const char *const *a = allowed;

		while (*a && strcmp(*a, key) != 0)
			a++;
		if (!*a)
			return err_set(e, EINVAL, "params: %s: no such key",
				       text_escape(key, shown, sizeof(shown)));
	}
	return 0;
}

const char *op_string(const struct call *c, const char *name, struct err *e)
{
	const char *text = json_get_string(call_params(c), name);

	if (!text)
		err_set(e, EINVAL, "params: %s: must be a string", name);
	return text;
}

int op_flag(const struct call *c, const char *name, bool *flag, struct err *e)
{
	const struct json *v = json_get(call_params(c), name);

	if (v && json_type(v) != JSON_BOOL)
		return err_set(e, EINVAL, "params: %s: must be true or false",
			       name);
	*flag = json_bool(v, false);
	return 0;
}

const char *op_domain_text(const struct call *c, char number[24], struct err *e)
{
	const struct json *v = json_get(call_params(c), "domain");

	if (json_type(v) == JSON_INT) {
		snprintf(number, 24, "%" PRId64, json_int(v, 0));
		return number;
	}
	if (json_type(v) != JSON_STRING)
		err_set(e, EINVAL, "params: domain: must be a name or a domid");
	return json_string(v);
}

struct domain *op_domain(struct xnd *x, const struct call *c, struct err *e)
{
	char number[24];
	const char *text = op_domain_text(c, number, e);
	char shown[80];
	struct domain *d;

	if (!text)
		return NULL;
	d = domain_find(x, text);
	text_escape(text, shown, sizeof(shown));
	if (!d)
		err_set(e, ENOENT,
			"domain %s: xnd has no such domain (those of other "
			"toolstacks, and of an earlier xnd, are only listed)",
			shown);
	else if (d->state == DOMAIN_MAKING)
		err_set(e, EBUSY, "domain %s: is still being created", shown);
	else if (d->state == DOMAIN_ENDING)
		err_set(e, EBUSY, "domain %s: is being taken down", shown);
	else
		return d;
	return NULL;
}

struct domain *op_only_domain(struct xnd *x, struct call *c)
{
	static const char *const allowed[] = {"domain", NULL};
	struct domain *d = NULL;
	struct err e;

	if (op_params(c, allowed, &e) == 0)
		d = op_domain(x, c, &e);
	if (!d)
		call_fail(c, &e);
	return d;
}
