/* SPDX-License-Identifier: MIT */
/*
 * Requests on a control ring that make no sense (XSA-270): each has its
 * status, and the interface goes on. A ring that is no ring is the end of it,
 * until it is connected again.
 */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"

#define CLOSED_MS 5000

static const struct net_want want = {.queues = 2, .ctrl = true};

static int connected(struct scene *s, struct err *e)
{
	struct net *n;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	if (n->ctrl.net && net_is_connected(n))
		return 0;
	if (net_disconnect(n, e) < 0 || net_connect(n, &want, e) < 0)
		return -e->code;
	return n->ctrl.net ? 0 : err_set(e, ENOTSUP, "none is offered");
}

static int ask(struct net *n, uint16_t type, const uint32_t data[3],
	       uint32_t *status, struct err *e)
{
	struct xen_netif_ctrl_request req = {.id = 77, .type = type};
	uint32_t answer;

	memcpy(req.data, data, sizeof(req.data));
	return net_ctrl_ask(&n->ctrl, &req, status, &answer, e);
}

/* Hashing, by a table of four. */
static int begin(struct net *n, struct err *e)
{
	static const struct {
		uint16_t type;
		uint32_t data[3];
	} sound[] = {
		{XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		 {XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ}},
		{XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, {4}},
	};
	uint32_t status;
	size_t i;

	for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		if (ask(n, sound[i].type, sound[i].data, &status, e) < 0)
			return -e->code;
		if (status != XEN_NETIF_CTRL_STATUS_SUCCESS)
			return err_set(e, EBADMSG, "status %u", status);
	}
	return 0;
}

static int request(struct scene *s, const struct step *step, struct err *e)
{
	const struct ctrl_lie *lie = &step->ctrl;
	uint32_t data[3], status = 0;
	struct lie page;
	struct net *n;
	int rc = connected(s, e);

	if (rc < 0)
		return rc;
	n = s->nets[0];
	if (begin(n, e) < 0 || lie_open(&page, s->guest, lie->ref, e) < 0)
		return -e->code;
	memset(page.page, 0, XC_PAGE_SIZE);
	*(uint32_t *)page.page = lie->entry;
	memcpy(data, lie->data, sizeof(data));
	if (lie->with_page)
		data[0] = page.ref;
	rc = ask(n, lie->type, data, &status, e);
	lie_close(&page);
	if (rc == 0 && status != lie->status)
		rc = err_set(e, EBADMSG, "it has status %u", status);
	return rc;
}

static int index_lied(struct scene *s, const struct step *step, struct err *e)
{
	struct net *n;

	if (connected(s, e) < 0)
		return -e->code;
	n = s->nets[0];
	n->ctrl.ring.index[RING_REQ_PROD] += step->number;
	events_notify(s->guest->events, n->ctrl.port);
	if (bus_wait(&n->bus,
		     BUS_IN(XenbusStateClosing) | BUS_IN(XenbusStateClosed),
		     CLOSED_MS, e) < 0)
		return err_wrap(e, "not refused");
	if (net_disconnect(n, e) < 0)
		return -e->code;
	return bus_check(&n->bus, e);
}

#define KEY	.with_page = true, .type = XEN_NETIF_CTRL_TYPE_SET_HASH_KEY
#define MAPPING .with_page = true, .type = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING
#define MANY	XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define BAD	XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define UNKNOWN XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED

static const struct step steps[] = {
	{"type 0", request, .ctrl = {0, .status = UNKNOWN}},
	{"type 65535", request, .ctrl = {65535, .status = UNKNOWN}},
	{"staging grants, which are not offered", request,
	 .ctrl = {XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING, .status = UNKNOWN}},
	{"an algorithm that there is not", request,
	 .ctrl = {XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, {2}, .status = BAD}},
	{"types that there are not", request,
	 .ctrl = {XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, {16}, .status = BAD}},
	{"a key of 41 bytes", request,
	 .ctrl = {KEY, .data = {0, 41}, .status = MANY}},
	{"a key of 2^32 - 1 bytes", request,
	 .ctrl = {KEY, .data = {0, UINT32_MAX}, .status = MANY}},
	{"a key of no bytes", request, .ctrl = {KEY}},
	{"a key without a grant", request,
	 .ctrl = {KEY, .data = {0, 40}, .ref = REF_NEVER_GRANTED,
		  .status = BAD}},
	{"a key of the highest grant", request,
	 .ctrl = {KEY, .data = {0, 40}, .ref = REF_HUGE, .status = BAD}},
	{"a table of 129", request,
	 .ctrl = {XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
		  {129},
		  .status = BAD}},
	{"a table of 2^32 - 1", request,
	 .ctrl = {XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
		  {UINT32_MAX},
		  .status = BAD}},
	{"all four entries are taken", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}}},
	{"no entry, at the end", request, .ctrl = {MAPPING, .data = {0, 0, 4}}},
	{"five entries of four", request,
	 .ctrl = {MAPPING, .data = {0, 5, 0}, .status = BAD}},
	{"the last one, and one more", request,
	 .ctrl = {MAPPING, .data = {0, 2, 3}, .status = BAD}},
	{"one behind the end", request,
	 .ctrl = {MAPPING, .data = {0, 1, 4}, .status = BAD}},
	{"an end that wraps at 2^32", request,
	 .ctrl = {MAPPING, .data = {0, 2, UINT32_MAX}, .status = BAD}},
	{"129 entries", request,
	 .ctrl = {MAPPING, .data = {0, 129, 0}, .status = MANY}},
	{"2^32 - 1 entries", request,
	 .ctrl = {MAPPING, .data = {0, UINT32_MAX, 1}, .status = MANY}},
	{"a queue that there is not", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}, .entry = 2, .status = BAD}},
	{"queue 2^32 - 1", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}, .entry = UINT32_MAX,
		  .status = BAD}},
	{"queue 256", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}, .entry = 256, .status = BAD}},
	{"entries without a grant", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}, .ref = REF_REVOKED,
		  .status = BAD}},
	{"another domain's", request,
	 .ctrl = {MAPPING, .data = {0, 4, 0}, .ref = REF_OTHER_DOMAIN,
		  .status = BAD}},
	{"a producer beyond a full ring: closed", index_lied, .number = 4096},
	{"a producer that moves back: closed", index_lied,
	 .number = UINT32_MAX},
};

const struct script net_ctrl_lies =
	SCRIPT("net-ctrl-lies", "control requests that make no sense", steps);
