/* SPDX-License-Identifier: MIT */
/*
 * Two guests whose vifs are direct: one process serves both, frames go from
 * one to the other without the bridge, and what each has of its own (its tap,
 * its recovery, its end) it keeps. The process dies, is left behind by an xnd
 * that dies, and goes with the last guest.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/host_net.h"
#include "tests/sim/runs/nobody.h"
#include "tests/sim/runs/sweep.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define CALL_MS	 5000
#define END_S	 3
#define FRAME_MS 300 /* then another is sent: see actor_use.c */
#define TRIES	 12
#define FRAMES	 10 /* that are counted */

static bool note(bool ok, const struct err *e, const char *what)
{
	return tap(ok, "%s%s%s", what, ok ? "" : ": ", ok ? "" : e->text);
}

/* ---- the process ---- */

/* Is it an xn-net for several vifs? */
static bool is_shared(const char *pid)
{
	static const char begins[] = "xn-net\0vifs=";
	char path[280], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fread(text, 1, sizeof(text), f) < sizeof(begins))
		text[0] = '\0';
	fclose(f);
	return memcmp(text, begins, sizeof(begins) - 1) == 0;
}

/* How many there are; *last: one of them. */
static unsigned int count_shared(pid_t *last)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    is_shared(entry->d_name)) {
			*last = atoi(entry->d_name);
			n++;
		}
	if (proc)
		closedir(proc);
	return n;
}

/* Until there are so many. */
static bool await_shared(struct world *w, unsigned int n, pid_t *last)
{
	const double limit = world_now() + END_S;

	while (count_shared(last) != n && world_now() < limit)
		world_rest(w, 10);
	return count_shared(last) == n;
}

/* ---- frames ---- */

struct hope {
	struct net *vif;
	uint8_t frame[HOST_NET_BYTES];
};

static bool has_come(void *arg)
{
	struct hope *h = arg;
	struct net_frame got;
	bool found = false;

	while (net_queue_take(&h->vif->queues[0], &got)) {
		found |= got.size == HOST_NET_BYTES &&
			 memcmp(got.data, h->frame, HOST_NET_BYTES) == 0;
		free(got.data);
	}
	return found;
}

/* One frame; -ETIMEDOUT when it does not come. */
static int send_one(struct actor *from, struct actor *to, struct err *e)
{
	struct hope h = {.vif = to->vif};
	int16_t status;

	host_net_frame(h.frame, to->vif->mac, from->vif->mac, ++from->seed);
	if (net_queue_send(&from->vif->queues[0], h.frame, HOST_NET_BYTES, 0, 0,
			   &status, e) < 0)
		return -e->code;
	if (guest_wait(to->guest, has_come, &h, FRAME_MS) == 0)
		return 0;
	return err_set(e, ETIMEDOUT, "no frame of %s reaches %s", from->name,
		       to->name);
}

/* Until one arrives: while a worker is replaced some are lost. */
static int reach(struct actor *from, struct actor *to, struct err *e)
{
	unsigned int left = TRIES;
	int rc;

	do
		rc = send_one(from, to, e);
	while (rc == -ETIMEDOUT && --left);
	return rc;
}

static int reach_both(struct actor *a, struct actor *b, struct err *e)
{
	int rc = reach(a, b, e);

	return rc < 0 ? rc : reach(b, a, e);
}

/* What came out of the guest at its tap. */
static uint64_t from_tap(const struct actor *a)
{
	scoped_str path = text_format(
		"/sys/class/net/vif%u.0/statistics/rx_packets", a->domid);
	FILE *f = fopen(path, "re");
	uint64_t n = 0;

	if (!f || fscanf(f, "%" SCNu64, &n) != 1)
		n = UINT64_MAX;
	if (f)
		fclose(f);
	return n;
}

/* All of them come, and none by the tap. */
static int pass_by(struct actor *a, struct actor *b, struct err *e)
{
	uint64_t before = from_tap(a);
	unsigned int i;

	for (i = 0; i < FRAMES; i++)
		if (send_one(a, b, e) < 0)
			return -e->code;
	if (from_tap(a) == before)
		return 0;
	return err_set(e, EILSEQ, "%s's tap has seen %" PRIu64 " of %u frames",
		       a->name, from_tap(a) - before, FRAMES);
}

static int use_both(struct actor *a, struct actor *b, struct err *e)
{
	if (actor_use_vif(a, a->vif, e) < 0 || actor_use_vif(b, b->vif, e) < 0)
		return -e->code;
	return reach_both(a, b, e);
}

/* ---- life and death of the process ---- */

static int start_both(struct actor *a, struct actor *b, struct err *e)
{
	if (actor_create(a, e) < 0 || actor_create(b, e) < 0 ||
	    actor_boot(a, e) < 0)
		return -e->code;
	return actor_boot(b, e);
}

static void live(struct world *w, struct actor *a, struct actor *b)
{
	pid_t first = 0, second = 0;
	uint32_t user;
	struct err e;

	note(start_both(a, b, &e) == 0, &e, "two guests boot");
	tap(count_shared(&first) == 1, "one process serves both");
	note(nobody_look("xn-net", &user, &e) == 0, &e, "which is nobody");
	tap(user >= NOBODY_SHARED, "and neither guest's: user %u", user);
	note(use_both(a, b, &e) == 0, &e, "they reach host and one another");
	note(pass_by(a, b, &e) == 0 && pass_by(b, a, &e) == 0, &e,
	     "directly, both ways");
	kill(first, SIGKILL);
	note(use_both(a, b, &e) == 0, &e,
	     "the process is killed, and both are served again");
	tap(await_shared(w, 1, &second) && second != first,
	    "by one process again");
	note(pass_by(a, b, &e) == 0 && pass_by(b, a, &e) == 0, &e,
	     "directly, as before");
}

static int check_direct(const struct json *vif, struct err *e)
{
	if (json_bool(json_get(vif, "direct"), false))
		return 0;
	return err_set(e, EILSEQ, "it is not said to be direct");
}

static int set(struct actor *a, const char *key, const char *value,
	       struct err *e)
{
	struct json *params = xnd_params("domain", a->name, key, value, NULL);
	struct json *now;
	int rc;

	json_set_int(params, "device", 0);
	now = xnd_call(a->w, METHOD_NETWORK_SET, params, CALL_MS, e);
	rc = now ? check_direct(now, e) : -e->code;
	json_free(now);
	return rc;
}

/* What a restart of the guest would make. */
static int check_kept(struct actor *a, struct err *e)
{
	struct json *params = xnd_params("domain", a->name, NULL);
	const struct json *vifs;
	struct json *list;
	int rc;

	json_set_bool(params, "details", true);
	list = xnd_call(a->w, METHOD_DOMAIN_LIST, params, CALL_MS, e);
	vifs = json_get(json_get(json_at(list, 0), "config"), "vifs");
	rc = list ? check_direct(json_at(vifs, 0), e) : -e->code;
	json_free(list);
	return rc;
}

/* To the bridge where the other one is not, and back. */
static void move(struct world *w, struct actor *a, struct actor *b)
{
	struct err e, none;
	pid_t pid;

	note(set(a, "bridge", "xenbr1", &e) == 0 && await_shared(w, 2, &pid),
	     &e, "one that is moved has another process");
	note(check_kept(a, &e) == 0, &e, "over a restart it would be direct");
	tap(send_one(a, b, &none) == -ETIMEDOUT &&
		    send_one(b, a, &none) == -ETIMEDOUT,
	    "and neither reaches the other");
	note(set(a, "bridge", HOST_NET_BRIDGE, &e) == 0 &&
		     await_shared(w, 1, &pid) && use_both(a, b, &e) == 0 &&
		     pass_by(a, b, &e) == 0,
	     &e, "moved back, it is with the other again");
	note(set(a, "vlan", "10p/20", &e) < 0 &&
		     strstr(e.text, "direct: true is for a vif in a bridge"),
	     &e, "it is not moved to several VLANs");
}

static void end(struct world *w, struct actor *a, struct actor *b)
{
	pid_t before = 0, after = 0;
	struct err e;

	count_shared(&before);
	note(actor_destroy(b, &e) == 0, &e, "one goes");
	note(actor_use_vif(a, a->vif, &e) == 0, &e, "the other is served on");
	tap(count_shared(&after) == 1 && after == before,
	    "by the same process");
	note(actor_destroy(a, &e) == 0, &e, "and goes");
	tap(await_shared(w, 0, &after), "and the process with it");
}

/* ---- xnd dies ---- */

static bool sweep(struct world *w, struct actor *a)
{
	scoped_str path =
		text_format("/local/domain/0/backend/xnnet/%u", a->domid);
	const double limit = world_now() + END_S;
	const unsigned int domid = a->domid;
	bool there = true;

	actor_leave(a);
	a->domid = 0;
	sweep_domain(domid);
	while (there && world_now() < limit) {
		unsigned int size;
		char *value;

		world_rest(w, 10);
		value = xs_read(w->store, XBT_NULL, path, &size);
		there = value != NULL;
		free(value);
	}
	return !there;
}

static void outlive(struct world *w, struct actor *a, struct actor *b)
{
	pid_t before = 0, after = 0;
	struct err e;

	note(start_both(a, b, &e) == 0 && use_both(a, b, &e) == 0, &e,
	     "two boot again");
	count_shared(&before);
	kill(w->xnd, SIGKILL);
	tap(xnd_wait_dead(w, CALL_MS), "xnd is killed");
	note(pass_by(a, b, &e) == 0, &e, "frames pass meanwhile");
	note(xnd_start(w, NULL, &e) == 0, &e, "another is started");
	note(use_both(a, b, &e) == 0 && pass_by(b, a, &e) == 0, &e,
	     "they are served on");
	tap(sweep(w, b), "one goes");
	tap(count_shared(&after) == 1 && after == before,
	    "the process stays for the other");
	note(actor_use_vif(a, a->vif, &e) == 0, &e, "and serves that");
	tap(sweep(w, a) && await_shared(w, 0, &after),
	    "it goes with the last one");
}

/* ---- what is refused ---- */

static const struct {
	const char *members, *says;
} refused[] = {
	{"\"script\":\"/bin/true\"", "not with script /bin/true"},
	{"\"gatewaydev\":\"xenbr1\"", "not with gatewaydev xenbr1"},
	{"\"bridge\":\"xenbr0\",\"ip\":[\"192.0.2.7\"]",
	 "not with ip 192.0.2.7"},
	{"\"bridge\":\"xenbr0\",\"vlan\":\"10p/20\"", "not with vlan 10p/20"},
};

static void refuse_one(struct actor *a, const char *members, const char *says)
{
	scoped_str text = text_format("{\"direct\":true,%s}", members);
	struct json *params = xnd_params("domain", a->name, NULL);
	struct err e;

	json_set(params, "vif", json_parse(text, strlen(text), &e));
	note(xnd_ask(a->w, METHOD_NETWORK_ATTACH, params, CALL_MS, &e) < 0 &&
		     strstr(e.text, says),
	     &e, says);
}

static void refuse(struct actor *a)
{
	scoped_str ovs = text_format("\"bridge\":\"vif%u.0\"", a->domid);
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		refuse_one(a, refused[i].members, refused[i].says);
	/* A bridge of Open vSwitch's userspace is a tap, as this is. */
	refuse_one(a, ovs, "direct: true is for a Linux bridge, which");
}

int main(void)
{
	scoped_str complaint = NULL;
	struct actor a, b;
	struct world w;
	struct err e;

	world_open(&w);
	actor_init(&a, &w, 1);
	actor_init(&b, &w, 2);
	a.direct = b.direct = 1;
	if (note(xnd_start(&w, NULL, &e) == 0, &e, "xnd starts")) {
		live(&w, &a, &b);
		move(&w, &a, &b);
		refuse(&a);
		end(&w, &a, &b);
		outlive(&w, &a, &b);
	}
	tap(xnd_stop(&w) == 0, "xnd stops");
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	actor_free(&a);
	actor_free(&b);
	world_close(&w);
	return tap_status();
}
