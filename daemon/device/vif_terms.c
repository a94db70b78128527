/* SPDX-License-Identifier: MIT */
/* A vif's terms: kept for its workers, and told to the one there is. */
#include "daemon/device/vif_terms.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/device/kind.h"
#include "daemon/device/vif_front.h"
#include "daemon/worker/process.h"

static const char *const wish_keys[] = {
	"xdp-headroom",
	"request-multicast-control",
};

#define WISHES (sizeof(wish_keys) / sizeof(wish_keys[0]))

int vif_terms_send(struct device *d, struct err *e)
{
	const struct vif_rate *rate = &d->u.vif.config.rate;
	const bool unplugged = d->u.vif.config.carrier_down;
	struct vif_wishes *w = &d->u.vif.wishes;
	struct msg_net_terms *terms;
	union msg m;
	int rc;

	if (!w->told && !rate->bytes && !w->xdp_headroom && !w->multicast &&
	    !unplugged)
		return 0;
	msg_init(&m, MSG_NET_TERMS);
	terms = &m.net_terms;
	terms->domid = d->domid;
	terms->flags = (w->multicast ? MSG_NET_MULTICAST : 0) |
		       (unplugged ? MSG_NET_UNPLUGGED : 0);
	terms->xdp_headroom = w->xdp_headroom;
	terms->rate_bytes = rate->bytes;
	terms->rate_interval = rate->bytes ? rate->interval : 0;
	rc = process_send(d->worker, &m, NULL, 0);
	if (rc < 0 && rc != -EPIPE)
		return err_errno(e, -rc, "its worker cannot be reached");
	w->told = true;
	return 0;
}

int vif_terms_changed(struct device *d, struct err *e)
{
	/* One that has failed waits for nothing but its end. */
	if ((d->phase != PHASE_STARTED && d->phase != PHASE_SERVING) ||
	    d->failure.text[0])
		return 0;
	return vif_terms_send(d, e);
}

bool vif_wishes_take(struct device *d, const struct xs_values *v)
{
	struct vif_wishes *w = &d->u.vif.wishes;
	const uint32_t headroom = vif_front_headroom(v);
	const bool multicast = vif_front_multicast(v);
	const bool new =
		w->xdp_headroom != headroom || w->multicast != multicast;

	w->xdp_headroom = headroom;
	w->multicast = multicast;
	return new;
}

/* ---- what it changes its mind about ---- */

static void look(void *arg);

static void on_wishes(const struct xs_values *v, void *arg)
{
	struct device *d = arg;
	struct vif_wishes *w = &d->u.vif.wishes;
	struct err e;

	w->fetch = NULL;
	if (vif_wishes_take(d, v) && vif_terms_changed(d, &e) < 0)
		device_fail(d, &e);
	if (w->look_again) {
		w->look_again = false;
		look(d);
	}
	device_step(d);
}

/* However often they change, one look is under way and one is to follow. */
static void look(void *arg)
{
	struct device *d = arg;
	struct vif_wishes *w = &d->u.vif.wishes;
	struct xs_values *v;
	size_t i;

	if (w->fetch) {
		w->look_again = true;
		return;
	}
	v = values_new();
	for (i = 0; i < WISHES; i++)
		values_want(v, wish_keys[i], "%s/%s", d->front, wish_keys[i]);
	w->fetch = xs_fetch(d->env->xs, v, on_wishes, d);
	if (!w->fetch)
		log_warn("%s: no memory to read what the front end wishes",
			 d->log_name);
}

void vif_wishes_watch(struct device *d)
{
	struct vif_wishes *w = &d->u.vif.wishes;
	size_t i;

	for (i = 0; i < WISHES; i++) {
		scoped_str path = text_format("%s/%s", d->front, wish_keys[i]);

		if (path && !w->watches[i])
			w->watches[i] = xs_watch_new(d->env->xs, path, look, d);
		if (!w->watches[i])
			log_warn("%s: no memory to watch %s", d->log_name,
				 wish_keys[i]);
	}
}

void vif_wishes_unwatch(struct device *d)
{
	struct vif_wishes *w = &d->u.vif.wishes;
	size_t i;

	for (i = 0; i < WISHES; i++) {
		xs_watch_free(w->watches[i]);
		w->watches[i] = NULL;
	}
	xs_forget(w->fetch);
	w->fetch = NULL;
	w->look_again = false;
}
