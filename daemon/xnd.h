/* SPDX-License-Identifier: MIT */
/*
 * What the rooms of the daemon stand on: one of each service, made by main in
 * this order and freed in reverse. Nothing else is shared.
 */
#ifndef XN_DAEMON_XND_H
#define XN_DAEMON_XND_H

#include "daemon/config.h"
#include "daemon/device/device.h"
#include "daemon/domain/domain.h"
#include "xen/abi.h"

/* Builds that may run at the same time. */
#define BUILDERS 2

struct builders;
struct consoles;
struct journals;
struct leftovers;
struct links;
struct lodgings;
struct nets;
struct orphans;
struct records;
struct server;

struct xnd {
	struct config config;
	struct event_base *base;
	struct event *signals[2];
	xc_interface *xc;
	struct xs *xs;
	struct links *links;
	struct nets *nets;
	struct builders *builders;
	struct consoles *consoles;
	struct lodgings *lodgings;
	struct device_env device_env;
	struct domain_list domains;
	struct xs_watch *released;
	struct records *records;
	struct orphans *orphans;
	struct journals *journals;
	struct leftovers *leftovers;
	struct server *server;
	bool stopping;
};

#endif
