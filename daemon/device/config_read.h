/* SPDX-License-Identifier: MIT */
/* What reading the configurations of disks and vifs has in common. */
#ifndef XN_DEVICE_CONFIG_READ_H
#define XN_DEVICE_CONFIG_READ_H

struct err;
struct json;

/* Where a value stands: "disks[1]", and the member of it. */
struct config_place {
	const char *key;
	const char *member;
};

/* One member that there may be; a table of them ends with a NULL name. */
struct config_member {
	const char *name;
	int (*read)(void *into, const struct json *v, struct config_place at,
		    struct err *e);
};

/* Says of what stands there why it is wrong. -EINVAL. */
int config_bad(struct err *e, struct config_place at, const char *why);

/*
 * Reads all members of from into what the table's readers know. 0, or -errno
 * with *e set: one that the table has not is an error.
 */
int config_read_members(const struct config_member *members, void *into,
			const struct json *from, const char *key,
			struct err *e);

#endif
