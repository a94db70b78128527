/* SPDX-License-Identifier: MIT */
/*
 * What changes of a vif while its guest uses it changes on the host, in what
 * xnd says and in what a restart will find; what is refused changes nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define CALL_MS 5000

static void note(bool ok, const struct err *e, const char *what)
{
	tap(ok, "%s%s%s", what, ok ? "" : ": ", ok ? "" : e->text);
}

/* ---- asking ---- */

static struct json *parsed(const char *text)
{
	struct err e;

	return json_parse(text, strlen(text), &e);
}

/* The one vif, with its figures. The caller frees it. */
static struct json *look(struct actor *a, struct err *e)
{
	struct json *params =
		xnd_params("domain", a->name, "device", "0", NULL);
	struct json *list, *vif;

	json_set_bool(params, "figures", true);
	list = xnd_call(a->w, METHOD_NETWORK_LIST, params, CALL_MS, e);
	vif = json_copy(json_at(list, 0));
	json_free(list);
	return vif;
}

/* As a restart would make it. */
static struct json *look_kept(struct actor *a, struct err *e)
{
	struct json *params = xnd_params("domain", a->name, NULL);
	struct json *list, *vif;

	json_set_bool(params, "details", true);
	list = xnd_call(a->w, METHOD_DOMAIN_LIST, params, CALL_MS, e);
	vif = json_copy(json_at(
		json_get(json_get(json_at(list, 0), "config"), "vifs"), 0));
	json_free(list);
	return vif;
}

/* Is its member so (JSON; NULL: not there)? */
static bool is(const struct json *vif, const char *key, const char *wanted)
{
	const struct json *v = json_get(vif, key);
	scoped_str text = v ? json_print(v, false) : NULL;

	return wanted ? text && strcmp(text, wanted) == 0 : !v;
}

/* network.set of these members; then both say of key what is wanted. */
static int set(struct actor *a, const char *members, const char *key,
	       const char *wanted, struct err *e)
{
	scoped_str text = text_format("{\"domain\":\"%s\",\"device\":0,%s}",
				      a->name, members);
	struct json *vif, *kept;
	int rc;

	rc = xnd_ask(a->w, METHOD_NETWORK_SET, parsed(text), CALL_MS, e);
	if (rc < 0)
		return rc;
	vif = look(a, e);
	kept = vif ? look_kept(a, e) : NULL;
	if (!kept)
		rc = -e->code;
	else if (!is(vif, key, wanted) || !is(kept, key, wanted))
		rc = err_set(e, EILSEQ, "%s is not %s in both lists", key,
			     wanted ? wanted : "absent");
	json_free(vif);
	json_free(kept);
	return rc;
}

/* ---- the host's side ---- */

/* The last part of what a link in the tap's folder leads to, or "". */
static void follow(const struct actor *a, const char *name, char out[256])
{
	scoped_str path =
		text_format("/sys/class/net/vif%u.0/%s", a->domid, name);
	ssize_t n = readlink(path, out, 255);
	const char *last;

	out[n > 0 ? n : 0] = '\0';
	last = strrchr(out, '/');
	if (last)
		memmove(out, last + 1, strlen(last));
}

static int check_bridge(const struct actor *a, const char *bridge,
			struct err *e)
{
	char master[256];

	follow(a, "master", master);
	if (strcmp(master, bridge) == 0)
		return 0;
	return err_set(e, EILSEQ, "it is in \"%s\", not in %s", master, bridge);
}

static int check_carrier(const struct actor *a, char wanted, struct err *e)
{
	scoped_str path =
		text_format("/sys/class/net/vif%u.0/carrier", a->domid);
	FILE *f = fopen(path, "re");
	int found = f ? fgetc(f) : '?';

	if (f)
		fclose(f);
	if (found == wanted)
		return 0;
	return err_set(e, EILSEQ, "the tap's carrier is %c", found);
}

/* ---- figures ---- */

static int check_figures(struct actor *a, struct err *e)
{
	struct json *vif = look(a, e);
	const struct json *f = json_get(vif, "figures");
	const struct json *tx = json_get(f, "tx"), *rx = json_get(f, "rx");
	int rc = vif ? 0 : -e->code;

	if (vif && (json_get_int(tx, "packets", 0) < 1 ||
		    json_get_int(tx, "bytes", 0) < 200 ||
		    json_get_int(rx, "packets", 0) < 1 ||
		    json_get_int(rx, "bytes", 0) < 200 ||
		    json_get_int(tx, "refused", -1) != 0 ||
		    json_get_int(f, "held", -1) != 0 ||
		    json_count(json_get(f, "queues")) < 1)) {
		scoped_str text = json_print(f, false);

		rc = err_set(e, EILSEQ, "%s", text ? text : "none");
	}
	json_free(vif);
	return rc;
}

/* ---- changes ---- */

static void change(struct actor *a)
{
	struct err e;

	note(set(a, "\"rate\":{\"bytes\":500000,\"interval_us\":20000}", "rate",
		 "{\"bytes\":500000,\"interval_us\":20000}", &e) == 0 &&
		     actor_use_vif(a, a->vif, &e) == 0,
	     &e, "it is given a rate, and works");
	note(set(a, "\"carrier\":\"down\"", "carrier", "\"down\"", &e) == 0 &&
		     check_carrier(a, '0', &e) == 0,
	     &e, "its cable is pulled");
	note(set(a, "\"carrier\":\"up\",\"rate\":{\"bytes\":0}", "rate", NULL,
		 &e) == 0 &&
		     check_carrier(a, '1', &e) == 0 &&
		     actor_use_vif(a, a->vif, &e) == 0,
	     &e, "with its cable in and no rate it works again");
	note(set(a, "\"bridge\":\"xenbr1\"", "bridge", "\"xenbr1\"", &e) == 0 &&
		     check_bridge(a, "xenbr1", &e) == 0,
	     &e, "it is moved to another bridge");
	note(set(a, "\"bridge\":\"xenbr1\",\"carrier\":\"up\"", "bridge",
		 "\"xenbr1\"", &e) == 0,
	     &e, "where it is already, it stays");
	note(set(a, "\"bridge\":\"xenbr0\"", "bridge", "\"xenbr0\"", &e) == 0 &&
		     check_bridge(a, "xenbr0", &e) == 0 &&
		     actor_use_vif(a, a->vif, &e) == 0,
	     &e, "moved back, it reaches the host again");
}

/* ---- two at a time ---- */

/* Both lines at once; 0 when both are answered well. */
static int ask_both(const char *lines, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval limit = {CALL_MS / 1000, 0};
	scoped_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char said[4096] = "";
	size_t used = 0, answers = 0;
	ssize_t n = 1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 getenv("XN_SOCKET"));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    write(fd, lines, strlen(lines)) != (ssize_t)strlen(lines))
		return err_errno(e, errno, "xnd cannot be asked");
	while (answers < 2 && n > 0) {
		n = read(fd, said + used, sizeof(said) - 1 - used);
		for (; n > 0 && said[used]; used++)
			answers += said[used] == '\n';
	}
	if (answers == 2 && !strstr(said, "\"error\""))
		return 0;
	return err_set(e, EILSEQ, "%.200s", said);
}

/* The second is done while the first is under way, and stays. */
static void change_both(struct actor *a)
{
	static const char line[] =
		"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"network.set\","
		"\"params\":{\"domain\":\"%s\",\"device\":0,%s}}\n";
	scoped_str first =
		text_format(line, 1, a->name, "\"bridge\":\"xenbr1\"");
	scoped_str second =
		text_format(line, 2, a->name,
			    "\"rate\":{\"bytes\":700,\"interval_us\":1000}");
	scoped_str both = text_format("%s%s", first, second);
	struct json *vif = NULL;
	struct err e;
	bool ok = ask_both(both, &e) == 0 && (vif = look(a, &e)) &&
		  is(vif, "rate", "{\"bytes\":700,\"interval_us\":1000}") &&
		  is(vif, "bridge", "\"xenbr1\"");

	if (vif && !ok)
		err_set(&e, EILSEQ, "the one undid the other");
	json_free(vif);
	note(ok, &e, "given a rate while it is moved, it keeps that");
	note(set(a, "\"bridge\":\"xenbr0\",\"rate\":{\"bytes\":0}", "rate",
		 NULL, &e) == 0,
	     &e, "and loses it again");
}

/* ---- what is refused ---- */

static const struct {
	const char *members, *says;
} refused[] = {
	{"\"device\":0", "none of rate, bridge, vlan and carrier"},
	{"\"device\":7,\"carrier\":\"up\"", "has no vif 7"},
	{"\"device\":0,\"colour\":1", "colour: no such key"},
	{"\"device\":0,\"mac\":\"00:16:3e:00:00:01\"", "mac: no such key"},
	{"\"device\":0,\"carrier\":\"off\"", "params.carrier: must be"},
	{"\"device\":0,\"rate\":5", "params.rate: must be an object"},
	{"\"device\":0,\"rate\":{\"bytes\":-1}", "params.rate.bytes: must be"},
	{"\"device\":0,\"vlan\":\"10/20\"", "params.vlan: which of its VLANs"},
	{"\"device\":0,\"bridge\":\"nobridge\",\"rate\":{\"bytes\":1}",
	 "no bridge named nobridge"},
	{"\"device\":0,\"bridge\":\"lo\",\"carrier\":\"down\"",
	 "lo is not a bridge"},
	{"\"device\":0,\"vlan\":\"10\",\"carrier\":\"down\"", "xenbr0"},
};

static void refuse(struct actor *a)
{
	struct json *vif;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		scoped_str text = text_format("{\"domain\":\"%s\",%s}", a->name,
					      refused[i].members);
		int rc = xnd_ask(a->w, METHOD_NETWORK_SET, parsed(text),
				 CALL_MS, &e);

		note(rc < 0 && strstr(e.text, refused[i].says), &e,
		     refused[i].says);
	}
	vif = look(a, &e);
	tap(is(vif, "rate", NULL) && is(vif, "vlan", NULL) &&
		    is(vif, "carrier", NULL) && is(vif, "bridge", "\"xenbr0\""),
	    "nothing of it was done");
	json_free(vif);
	note(check_bridge(a, "xenbr0", &e) == 0 &&
		     check_carrier(a, '1', &e) == 0 &&
		     actor_use_vif(a, a->vif, &e) == 0,
	     &e, "and the guest has not noticed");
}

int main(void)
{
	scoped_str complaint = NULL;
	struct actor a;
	struct world w;
	struct err e;

	world_open(&w);
	actor_init(&a, &w, 1);
	if (xnd_start(&w, NULL, &e) < 0 || actor_create(&a, &e) < 0 ||
	    actor_boot(&a, &e) < 0) {
		note(false, &e, "a guest boots");
		return tap_status();
	}
	note(actor_use_vif(&a, a.vif, &e) == 0 && check_figures(&a, &e) == 0,
	     &e, "figures are what the guest did");
	change(&a);
	change_both(&a);
	refuse(&a);
	note(actor_destroy(&a, &e) == 0, &e, "it is destroyed");
	tap(xnd_stop(&w) == 0, "xnd stops");
	complaint = world_complaint(&w);
	tap(!complaint, "no sanitizer complains%s%s", complaint ? ": " : "",
	    complaint ? complaint : "");
	actor_free(&a);
	world_close(&w);
	return tap_status();
}
