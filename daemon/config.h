/* SPDX-License-Identifier: MIT */
/*
 * What xnd.conf(5) says: lines of "key = value", nothing accepted that is not
 * understood. Included as "daemon/config.h"; autoconf's is <config.h>.
 */
#ifndef XN_DAEMON_CONFIG_H
#define XN_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;

/* Filled by config_defaults and config_read, which check every value. */
struct config {
	char *socket;	      /* owned; absolute, fits a sun_path */
	char *log_dir;	      /* owned; absolute */
	char *default_bridge; /* owned; a possible interface name */
	uint32_t build_timeout_s;
	uint32_t device_timeout_s;
	uint32_t worker_timeout_s;
	uint32_t disk_queues; /* at most MSG_BLK_QUEUES_MAX */
	uint32_t vif_queues;  /* at most MSG_NET_QUEUES_MAX */
	uint32_t worker_uids; /* the first of USERS (worker/users.h) */
	bool disk_barriers;
	char *qemu_nbd;	  /* owned; absolute */
	char *ovs_socket; /* owned; absolute */
	bool debug;
};

/* Fills *c, whatever it held. 0 or -ENOMEM; config_free in either case. */
int config_defaults(struct config *c, struct err *e);

/*
 * Reads path over what *c holds (see config_defaults): a key that the file
 * does not have keeps its value. 0, or -errno with *e saying "path:line: …";
 * -ENOENT when there is no such file. After a failure *c is still valid, with
 * the lines before the wrong one taken.
 */
int config_read(struct config *c, const char *path, struct err *e);

/* Frees the members. A zeroed *c is fine; so is a second time. */
void config_free(struct config *c);

/* Every key with its default and what it means, a line each. */
void config_help(FILE *out);

#endif
