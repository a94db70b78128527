/* SPDX-License-Identifier: MIT */
/*
 * The journals of disks: files that a worker maps, so that another one can go
 * on where it was killed. They lie in a folder under /run, which is memory;
 * what is in them only workers know. A file's name says whose it is, for
 * those who clear up.
 */
#ifndef XN_HOST_JOURNALS_H
#define XN_HOST_JOURNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct journals;

/* Whose a journal is. */
struct journal_owner {
	const char *uuid; /* of the domain, in words; borrowed */
	uint32_t domid;
	uint32_t devid;
};

#define JOURNAL_DIR "/run/xn/journal"

/* Makes the folder dir (root's alone) when it is not there. NULL: *e is set. */
struct journals *journals_open(const char *dir, struct err *e);
void journals_close(struct journals *j); /* NULL is fine; the files stay */

/*
 * Makes a new file of zeros in place of an earlier one, which those who have
 * it open keep. All of its memory is there, so that writing to it cannot
 * fail. The descriptor is the caller's; -errno with *e set.
 */
int journals_make(struct journals *j, const struct journal_owner *owner,
		  size_t bytes, struct err *e);

/* Removes it; fine when there is none. */
void journals_remove(struct journals *j, const struct journal_owner *owner);

/* Removes every journal of guests that keep does not want. */
void journals_sweep(struct journals *j,
		    bool (*keep)(uint32_t domid, const char *uuid, void *arg),
		    void *arg);

/*
 * Whose the journal is that a file of that name (without its folder) is. False
 * for what cannot be one.
 */
#define JOURNAL_UUID_BYTES 37
bool journals_parse_name(const char *name, char uuid[JOURNAL_UUID_BYTES],
			 uint32_t *domid);

#endif
