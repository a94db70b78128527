/* SPDX-License-Identifier: MIT */
/*
 * What is to be written in xenstore, as a list: made in the loop without
 * waiting, carried out later in one transaction.
 */
#ifndef XN_XS_PLAN_H
#define XN_XS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct xs_handle;
struct xs_plan;

/*
 * Who may do what with a node; children made later inherit it from their
 * parent. Numbers as in xs_set_permissions: the first entry is the owner.
 */
enum xs_access {
	XS_INHERIT,	/* what the parent has */
	XS_PRIVATE,	/* dom0 alone */
	XS_GUEST_READS, /* dom0 owns, the guest reads */
	XS_GUEST_OWNS,	/* the guest owns, nobody else (dom0 always can) */
};

struct xs_plan *plan_new(void);
void plan_free(struct xs_plan *plan); /* NULL is fine */
/* True for NULL, too: memory ran out while it was made. */
bool plan_is_broken(const struct xs_plan *plan);

/*
 * One step each, in order; paths by format. Out of memory is remembered and
 * makes plan_run fail. guest: the domain that access speaks of.
 */
void plan_mkdir(struct xs_plan *plan, enum xs_access access, uint32_t guest,
		const char *path, ...) __attribute__((format(printf, 4, 5)));
void plan_write(struct xs_plan *plan, const char *value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
void plan_write_u64(struct xs_plan *plan, uint64_t value, const char *path, ...)
	__attribute__((format(printf, 3, 4)));
/* What is not there is removed already. */
void plan_rm(struct xs_plan *plan, const char *path, ...)
	__attribute__((format(printf, 2, 3)));
/* The last step's node gets this access. */
void plan_access(struct xs_plan *plan, enum xs_access access, uint32_t guest);

/*
 * Carries the plan out in one transaction, again from the start when
 * xenstored asks for it (EAGAIN), at most 100 times. Blocks: for the
 * requests thread only. 0 or -errno.
 */
int plan_run(const struct xs_plan *plan, struct xs_handle *xs);

#endif
