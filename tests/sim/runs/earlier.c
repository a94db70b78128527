/* SPDX-License-Identifier: MIT */
/*
 * A guest that outlives its xnd, with a vif that it was born with, kept to its
 * address, and one that it was given later: the next xnd lets nobody else have
 * their MACs, and when the guest ends, the rules go with it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/sweep.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define CALL_MS 5000
#define END_S	10

/* Those of the actor that is number 1, and of one that comes and goes. */
#define BORN_MAC  "00:16:3e:00:00:01"
#define GIVEN_MAC "00:16:3e:01:00:01"
#define GONE_MAC  "00:16:3e:02:00:01"
#define GONE	  "{\"mac\":\"" GONE_MAC "\",\"bridge\":\"xenbr0\"}"

static bool note(bool ok, const struct err *e, const char *what)
{
	return tap(ok, "%s%s%s", what, ok ? "" : ": ", ok ? "" : e->text);
}

static int attach(struct actor *a, const char *vif, struct err *e)
{
	struct json *params = xnd_params("domain", a->name, NULL);

	json_set(params, "vif", json_parse(vif, strlen(vif), e));
	return xnd_ask(a->w, METHOD_NETWORK_ATTACH, params, CALL_MS, e);
}

static int detach(struct actor *a, const char *mac, struct err *e)
{
	struct json *params =
		xnd_params("domain", a->name, "device", mac, NULL);

	json_set_bool(params, "force", true);
	return xnd_ask(a->w, METHOD_NETWORK_DETACH, params, CALL_MS, e);
}

/* A guest with this MAC, as far as a dry run goes. 0 or -errno. */
static int try_mac(struct world *w, const char *mac, struct err *e)
{
	scoped_str kernel = world_path(w, "kernel");
	scoped_str text = text_format(
		"{\"dry_run\":true,\"config\":{\"name\":\"other\","
		"\"memory\":32,\"vcpus\":1,\"kernel\":\"%s\","
		"\"vifs\":[{\"mac\":\"%s\",\"bridge\":\"xenbr0\"}]}}",
		kernel, mac);

	return xnd_ask(w, METHOD_DOMAIN_CREATE,
		       json_parse(text, strlen(text), e), CALL_MS, e);
}

static void refused(struct actor *a, const char *mac, const char *what)
{
	scoped_str says =
		text_format("mac: domain %u has %s already", a->domid, mac);
	struct err e = {0};

	note(try_mac(a->w, mac, &e) < 0 && strstr(e.text, says), &e, what);
}

/* How many vifs there are rules of. */
static int count_fences(void)
{
	return WEXITSTATUS(
		system("exit $(\"$XN_LIBEXECDIR\"/xn-nft 'list tables netdev' |"
		       " grep -c 'netdev xn-vif')"));
}

static bool await_unfenced(struct world *w)
{
	const double limit = world_now() + END_S;

	while (count_fences() > 0 && world_now() < limit)
		world_rest(w, 10);
	return count_fences() == 0;
}

static void begin(struct actor *a)
{
	struct err e;

	a->ip = "192.0.2.7";
	note(actor_create(a, &e) == 0 && actor_boot(a, &e) == 0, &e,
	     "a guest boots");
	tap(count_fences() == 1, "it is kept to its address");
	a->ip = NULL; /* what is tried with the next one is no IP */
	note(actor_attach_vif(a, &e) == 0, &e, "it is given a second vif");
	note(attach(a, GONE, &e) == 0 && detach(a, GONE_MAC, &e) == 0, &e,
	     "it is given a third one, which is taken again");
}

static void outlive(struct world *w, struct actor *a)
{
	const unsigned int domid = a->domid;
	struct err e;

	kill(w->xnd, SIGKILL);
	tap(xnd_wait_dead(w, CALL_MS), "xnd is killed");
	note(xnd_start(w, NULL, &e) == 0, &e, "another is started");
	refused(a, BORN_MAC, "nobody gets the MAC that it was born with");
	refused(a, GIVEN_MAC, "nor that of the one that it was given");
	note(try_mac(w, GONE_MAC, &e) == 0, &e,
	     "that of the third one is free");
	tap(count_fences() == 1, "it is still kept to its address");
	actor_leave(a);
	a->domid = 0;
	sweep_domain(domid);
	note(try_mac(w, BORN_MAC, &e) == 0, &e,
	     "when it is gone its MAC is free");
	tap(await_unfenced(w), "and its rules go");
}

int main(void)
{
	scoped_str complaint = NULL;
	struct actor a;
	struct world w;
	struct err e;

	world_open(&w);
	actor_init(&a, &w, 1);
	if (note(xnd_start(&w, NULL, &e) == 0, &e, "xnd starts")) {
		begin(&a);
		outlive(&w, &a);
	}
	tap(xnd_stop(&w) == 0, "xnd stops");
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	actor_free(&a);
	world_close(&w);
	return tap_status();
}
