/* SPDX-License-Identifier: MIT */
/* console.attach: the connection becomes the console. */
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/worker/consoles.h"
#include "daemon/xnd.h"
#include "json/json.h"

/* Where the client goes once its answer has left; the domain may end first. */
struct handover {
	struct xnd *x;
	uint32_t domid;
};

static void on_handed_over(int fd, void *arg)
{
	struct handover *h = arg;
	struct domain *d = domain_find_domid(h->x, h->domid);
	struct err e;

	if (fd >= 0 && d && d->console &&
	    console_attach(d->console, fd, &e) < 0)
		log_warn("%s: console: %s", d->log_name, e.text);
	free(h);
}

void op_console_attach(struct xnd *x, struct call *c)
{
	struct domain *d = op_only_domain(x, c);
	struct handover *h;
	struct json *v;
	struct err e;

	if (!d)
		return;
	h = calloc(1, sizeof(*h));
	if (!h) {
		err_set(&e, ENOMEM, "no memory for a console's client");
		call_fail(c, &e);
		return;
	}
	h->x = x;
	h->domid = d->domid;
	v = json_new_object();
	json_set_int(v, "domid", d->domid);
	json_set_string(v, "name", d->config.name);
	json_set_string(v, "tty", d->tty);
	call_reply_and_hand_over(c, v, on_handed_over, h);
}
