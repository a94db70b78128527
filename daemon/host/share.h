/* SPDX-License-Identifier: MIT */
/*
 * Which guests may have the bytes of one disk at a time: an image's, or an
 * export's. The rules are those of the classic block script.
 */
#ifndef XN_HOST_SHARE_H
#define XN_HOST_SHARE_H

#include <stdbool.h>

struct err;
struct image_use;

struct share {
	bool read_only;
	bool unchecked; /* "w!"; never with read_only */
	char uuid[37];	/* of the guest, in words; "" for none */
	char user[80];	/* for error texts: "guest web" */
};

/* Of "another guest", until somebody says of which. */
struct share share_of(const struct image_use *use);

/*
 * Whether one that wants it may have it beside one that has it: a guest may
 * as often as it likes; of others either both only read, or one that is
 * unchecked comes, or has only readers join it. 0, or -EBUSY with *e set;
 * shown: what it is, as the error text says it.
 */
int share_check(const struct share *wants, const struct share *has,
		const char *shown, struct err *e);

#endif
