/* SPDX-License-Identifier: MIT */
/* A switch of words. */
#include "tests/unit/fake_ovs.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/net/ovs.h"
#include "daemon/net/place.h"

struct fake_ovs fake_ovs;

struct ovs {
	struct event_base *base;
};

struct ovs_call {
	struct event *due;
	struct err e;
	ovs_cb *cb;
	ovs_ports_cb *ports_cb;
	void *arg;
};

struct ovs *ovs_open(struct event_base *base, const char *socket, struct err *e)
{
	struct ovs *o = calloc(1, sizeof(*o));

	(void)socket;
	(void)e;
	o->base = base;
	return o;
}

void ovs_close(struct ovs *o)
{
	free(o);
}

void ovs_forget(struct ovs_call *c)
{
	if (!c)
		return;
	event_free(c->due);
	free(c);
}

/* The names of fake_ovs.ports. */
static void tell_ports(const struct ovs_call *c)
{
	char text[sizeof(fake_ovs.ports)];
	const char *names[8] = {NULL};
	char *word, *left;
	size_t n = 0;

	strcpy(text, fake_ovs.ports);
	for (word = strtok_r(text, " ", &left); word;
	     word = strtok_r(NULL, " ", &left)) {
		word[strcspn(word, "@")] = '\0';
		names[n++] = word;
	}
	c->ports_cb(NULL, names, c->arg);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct ovs_call *c = arg;
	struct err e = c->e;

	(void)fd;
	(void)what;
	if (c->ports_cb)
		tell_ports(c);
	else
		c->cb(e.text[0] ? &e : NULL, c->arg);
	ovs_forget(c);
}

static struct ovs_call *call(struct ovs *o, const struct err *said,
			     struct err *e)
{
	struct ovs_call *c;

	if (fake_ovs.is_down) {
		fake_ovs.missed++;
		err_set(e, ECONNREFUSED, "ovsdb-server is not running");
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	c->e = *said;
	c->due = event_new(o->base, -1, 0, on_due, c);
	event_active(c->due, EV_TIMEOUT, 0);
	return c;
}

static struct ovs_call *call_cb(struct ovs *o, const struct err *said,
				ovs_cb *cb, void *arg, struct err *e)
{
	struct ovs_call *c = call(o, said, e);

	if (c) {
		c->cb = cb;
		c->arg = arg;
	}
	return c;
}

struct ovs_call *ovs_has_bridge(struct ovs *o, const char *bridge, ovs_cb *cb,
				void *arg, struct err *e)
{
	struct err said = {0};

	if (!fake_ovs.bridge || strcmp(fake_ovs.bridge, bridge) != 0)
		err_set(&said, ENODEV, "no such bridge");
	return call_cb(o, &said, cb, arg, e);
}

static void drop_port(const char *port)
{
	char mark[64];
	char *at, *end;

	snprintf(mark, sizeof(mark), "%s@", port);
	at = strstr(fake_ovs.ports, mark);
	if (!at)
		return;
	end = strchr(at, ' ') + 1;
	memmove(at, end, strlen(end) + 1);
}

static void set_down(const char *port)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_flags = 0};

	strcpy(ifr.ifr_name, port);
	ioctl(s, SIOCSIFFLAGS, &ifr);
	close(s);
}

struct ovs_call *ovs_add_port(struct ovs *o, const char *bridge,
			      const char *port, const struct vlans *vlans,
			      ovs_cb *cb, void *arg, struct err *e)
{
	size_t used = strlen(fake_ovs.ports);
	struct err said = {0};

	if (fake_ovs.refuses && strcmp(fake_ovs.refuses, bridge) == 0) {
		err_set(&said, EIO, "bridge %s takes no port", bridge);
	} else {
		drop_port(port);
		used = strlen(fake_ovs.ports);
		snprintf(fake_ovs.ports + used, sizeof(fake_ovs.ports) - used,
			 "%s@%s/%u ", port, bridge, vlans->pvid);
		if (fake_ovs.sinks)
			set_down(port);
	}
	return call_cb(o, &said, cb, arg, e);
}

struct ovs_call *ovs_del_port(struct ovs *o, const char *port, ovs_cb *cb,
			      void *arg, struct err *e)
{
	const struct err said = {0};

	drop_port(port);
	return call_cb(o, &said, cb, arg, e);
}

struct ovs_call *ovs_list_ports(struct ovs *o, ovs_ports_cb *cb, void *arg,
				struct err *e)
{
	const struct err said = {0};
	struct ovs_call *c = call(o, &said, e);

	if (c) {
		fake_ovs.lists++;
		c->ports_cb = cb;
		c->arg = arg;
	}
	return c;
}
