/* SPDX-License-Identifier: MIT */
/*
 * Reading what a front end has written for its back end to start: first the
 * keys that every one of its kind has, then, once, those which they say that
 * there are besides.
 */
#include "daemon/device/kind.h"
#include "daemon/xs/xs.h"

/* more: what else is wanted (taken), or NULL. */
static void ask(struct device *d, struct xs_values *more, xs_values_cb *done)
{
	struct xs_values *v = more ? more : values_new();
	const char *const *key;

	for (key = d->kind->keys; *key; key++)
		values_want(v, *key, "%s/%s", d->front, *key);
	d->asked_more = more != NULL;
	d->fetch = xs_fetch(d->env->xs, v, done, d);
}

void device_ask(struct device *d, xs_values_cb *done)
{
	ask(d, NULL, done);
}

bool device_ask_more(struct device *d, const struct xs_values *v,
		     xs_values_cb *done)
{
	struct xs_values *more;

	if (d->asked_more || !d->kind->more_keys)
		return false;
	more = values_new();
	if (!more || !d->kind->more_keys(d, v, more)) {
		values_free(more);
		return false;
	}
	ask(d, more, done);
	return true;
}
