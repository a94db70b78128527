/* SPDX-License-Identifier: MIT */
/* A list of exports, and who has them. */
#include "daemon/host/nbd_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/err.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/host/path.h"
#include "daemon/host/share.h"

struct nbd_export {
	LIST_ENTRY(nbd_export) link;
	struct nbd_uri uri;
	struct share share;
};

static LIST_HEAD(, nbd_export) exports = LIST_HEAD_INITIALIZER(exports);

static bool same(const struct nbd_uri *a, const struct nbd_uri *b)
{
	return strcasecmp(a->host, b->host) == 0 &&
	       strcmp(a->port, b->port) == 0 &&
	       strcmp(a->socket, b->socket) == 0 &&
	       strcmp(a->export, b->export) == 0;
}

static int check_others(const struct nbd_export *x, const char *shown,
			struct err *e)
{
	const struct nbd_export *other;

	LIST_FOREACH(other, &exports, link)
		if (same(&x->uri, &other->uri) &&
		    share_check(&x->share, &other->share, shown, e) < 0)
			return -e->code;
	return 0;
}

struct nbd_export *nbd_export_open(const char *uri, const struct image_use *use,
				   struct err *e)
{
	struct nbd_export *x = calloc(1, sizeof(*x));
	char shown[PATH_SHOWN_BYTES];

	if (!x) {
		err_set(e, ENOMEM, "no memory for an export");
		return NULL;
	}
	path_show(uri, shown);
	x->share = share_of(use);
	if (nbd_uri_parse(uri, &x->uri, e) < 0) {
		err_wrap(e, "%s", shown);
		goto fail;
	}
	if (check_others(x, shown, e) < 0)
		goto fail;
	LIST_INSERT_HEAD(&exports, x, link);
	return x;

fail:
	free(x);
	return NULL;
}

void nbd_export_close(struct nbd_export *x)
{
	if (!x)
		return;
	LIST_REMOVE(x, link);
	free(x);
}

void nbd_export_set_user(struct nbd_export *x, const char *user)
{
	snprintf(x->share.user, sizeof(x->share.user), "%s", user);
}

const struct nbd_uri *nbd_export_uri(const struct nbd_export *x)
{
	return &x->uri;
}
