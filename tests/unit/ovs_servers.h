/* SPDX-License-Identifier: MIT */
/*
 * The real ovsdb-server and ovs-vswitchd, if this machine has them, with their
 * files in the scratch folder and their interfaces in the test's own network
 * namespace: of any other Open vSwitch here they know nothing.
 */
#ifndef XN_UNIT_OVS_SERVERS_H
#define XN_UNIT_OVS_SERVERS_H

#include <stdbool.h>
#include <sys/types.h>

struct ovs_servers {
	char socket[128];
	pid_t database, daemon; /* 0: does not run */
};

/* False when they are not here, or may not be started. */
bool ovs_servers_are_here(void);

void ovs_servers_start(struct ovs_servers *s);
void ovs_servers_start_database(struct ovs_servers *s);
void ovs_servers_start_daemon(struct ovs_servers *s);
void ovs_servers_stop(pid_t *pid);

/* What "ovs-vsctl WORDS" prints, without its last newline; borrowed. */
const char *ovs_servers_say(struct ovs_servers *s, const char *words);

#endif
