/* SPDX-License-Identifier: MIT */
/*
 * Sweeping: nftables' tables and Open vSwitch's ports that carry xn's mark,
 * and whose interface does not exist, are removed. The taps themselves go
 * with their last descriptor.
 */
#include "daemon/net/sweep.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/route/link.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/link.h"
#include "daemon/net/fence.h"
#include "daemon/net/ovs.h"
#include "daemon/net/way.h"

struct sweep {
	struct nets *nets;  /* borrowed */
	struct nft *nft;    /* owned: under way */
	unsigned int calls; /* of Open vSwitch, under way */
	bool again;	    /* asked for while it was under way */
	bool missed;	    /* ports were not looked for */
};

static void settle(struct sweep *s);

/* Not merely hard to find. */
static bool is_gone(struct links *l, const char *ifname)
{
	struct rtnl_link *link;
	int rc = links_find(l, ifname, &link, NULL);

	if (rc == 0)
		rtnl_link_put(link);
	return rc == -ENODEV;
}

/* ---- rules ---- */

static void on_lowered(const struct err *e, const char *text, void *arg)
{
	struct sweep *s = arg;

	(void)text;
	nft_free(s->nft);
	s->nft = NULL;
	if (e)
		log_warn("old rules cannot be removed: %s", e->text);
	settle(s);
}

/*
 * Writes the end of every table of ours that is listed ("table netdev NAME")
 * and has no interface. Their number.
 */
static unsigned int write_ends(struct links *l, const char *list, FILE *out)
{
	static const char begin[] = "table netdev " FENCE_MARK;
	char name[IFNAMSIZ];
	unsigned int n = 0;

	while ((list = strstr(list, begin))) {
		scoped_str end = NULL;

		list += strlen(begin);
		if (sscanf(list, "%15[^ \n]", name) != 1 || !is_gone(l, name))
			continue;
		end = fence_end_text(name);
		if (end) {
			log_info("%s: is no more: its rules are removed", name);
			fputs(end, out);
			n++;
		}
	}
	return n;
}

static void on_listed(const struct err *e, const char *text, void *arg)
{
	struct sweep *s = arg;
	scoped_str ends = NULL;
	size_t size;
	FILE *out;
	unsigned int n = 0;
	struct err why;

	/* A kernel without nftables has no rules. */
	if (e)
		log_debug("old rules are not looked for: %s", e->text);
	out = e ? NULL : open_memstream(&ends, &size);
	if (out) {
		n = write_ends(s->nets->links, text, out);
		if (ferror(out))
			n = 0;
		if (fclose(out) != 0)
			n = 0;
	}
	nft_free(s->nft);
	s->nft = NULL;
	if (n > 0)
		s->nft = nft_start(s->nets->nft, ends, on_lowered, s, &why);
	if (n > 0 && !s->nft)
		log_warn("old rules cannot be removed: %s", why.text);
	settle(s);
}

/* ---- ports ---- */

static void tell_undeleted(const struct err *e)
{
	log_warn("an old port cannot be removed: %s", e->text);
}

static void on_deleted(const struct err *e, void *arg)
{
	struct sweep *s = arg;

	s->calls--;
	if (e)
		tell_undeleted(e);
	settle(s);
}

static void delete_port(struct sweep *s, const char *name)
{
	struct err e;

	log_info("%s: is no more: its port is removed", name);
	if (ovs_del_port(s->nets->ovs, name, on_deleted, s, &e))
		s->calls++;
	else
		tell_undeleted(&e);
}

/* A host need not have Open vSwitch; one that has may start it later. */
static void miss_ports(struct sweep *s, const struct err *e)
{
	s->missed = true;
	log_debug("old ports are not looked for: %s", e->text);
}

static void on_ports(const struct err *e, const char *const *names, void *arg)
{
	struct sweep *s = arg;

	s->calls--;
	if (e)
		miss_ports(s, e);
	for (; !e && *names; names++)
		if (is_gone(s->nets->links, *names))
			delete_port(s, *names);
	settle(s);
}

static void look_for_ports(struct sweep *s)
{
	struct err e;

	s->missed = false;
	if (ovs_list_ports(s->nets->ovs, on_ports, s, &e))
		s->calls++;
	else
		miss_ports(s, &e);
}

/* ---- both ---- */

static bool is_busy(const struct sweep *s)
{
	return s->nft || s->calls > 0;
}

void sweep_run(struct sweep *s)
{
	struct err e;

	s->again = is_busy(s);
	if (s->again)
		return;
	s->nft =
		nft_start(s->nets->nft, "list tables netdev", on_listed, s, &e);
	if (!s->nft)
		log_warn("old rules are not looked for: %s", e.text);
	look_for_ports(s);
}

/* Part of it has ended: perhaps all of it. */
static void settle(struct sweep *s)
{
	if (s->again && !is_busy(s))
		sweep_run(s);
}

void sweep_ovs_is_there(struct sweep *s)
{
	if (s->missed)
		look_for_ports(s);
}

struct sweep *sweep_new(struct nets *n, struct err *e)
{
	struct sweep *s = calloc(1, sizeof(*s));

	if (s)
		s->nets = n;
	else
		err_set(e, ENOMEM, "no memory to look for what was left");
	return s;
}

void sweep_free(struct sweep *s)
{
	if (!s)
		return;
	nft_free(s->nft);
	free(s);
}
