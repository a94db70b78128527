/* SPDX-License-Identifier: MIT */
/* Lists of xenstore writes, and their one transaction. */
#include "daemon/xs/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "base/log.h"
#include "base/text.h"

#define PLAN_TRIES 100

enum step_kind { STEP_MKDIR, STEP_WRITE, STEP_RM };

struct step {
	enum step_kind kind;
	enum xs_access access;
	uint32_t guest;
	char *path;  /* owned */
	char *value; /* owned; for STEP_WRITE */
};

struct xs_plan {
	struct step *steps; /* owned */
	unsigned int count;
	unsigned int room;
	bool broken; /* memory ran out while it was made */
};

struct xs_plan *plan_new(void)
{
	return calloc(1, sizeof(struct xs_plan));
}

void plan_free(struct xs_plan *plan)
{
	unsigned int i;

	if (!plan)
		return;
	for (i = 0; i < plan->count; i++) {
		free(plan->steps[i].path);
		free(plan->steps[i].value);
	}
	free(plan->steps);
	free(plan);
}

bool plan_is_broken(const struct xs_plan *plan)
{
	return !plan || plan->broken;
}

/* Takes value, on failure too. plan may be NULL: its maker checks at the end. */
static void __attribute__((format(printf, 4, 0)))
add(struct xs_plan *plan, enum step_kind kind, char *value, const char *path,
    va_list args)
{
	struct step *step;
	struct step *more;

	if (!plan) {
		free(value);
		return;
	}
	if (plan->count == plan->room) {
		unsigned int room = plan->room ? plan->room * 2 : 32;

		more = reallocarray(plan->steps, room, sizeof(*more));
		if (!more) {
			plan->broken = true;
			free(value);
			return;
		}
		plan->steps = more;
		plan->room = room;
	}
	step = &plan->steps[plan->count];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	step->value = value;
	if (vasprintf(&step->path, path, args) < 0) {
		plan->broken = true;
		free(value);
		return;
	}
	if (kind == STEP_WRITE && !value)
		plan->broken = true;
	plan->count++;
}

void plan_mkdir(struct xs_plan *plan, enum xs_access access, uint32_t guest,
		const char *path, ...)
{
	va_list args;

	va_start(args, path);
	add(plan, STEP_MKDIR, NULL, path, args);
	va_end(args);
	plan_access(plan, access, guest);
}

void plan_write(struct xs_plan *plan, const char *value, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	add(plan, STEP_WRITE, strdup(value), path, args);
	va_end(args);
}

void plan_write_u64(struct xs_plan *plan, uint64_t value, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	add(plan, STEP_WRITE, text_format("%llu", (unsigned long long)value),
	    path, args);
	va_end(args);
}

void plan_rm(struct xs_plan *plan, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	add(plan, STEP_RM, NULL, path, args);
	va_end(args);
}

void plan_access(struct xs_plan *plan, enum xs_access access, uint32_t guest)
{
	if (!plan || !plan->count)
		return;
	plan->steps[plan->count - 1].access = access;
	plan->steps[plan->count - 1].guest = guest;
}

static bool set_access(struct xs_handle *xs, xs_transaction_t t,
		       const struct step *step)
{
	struct xs_permissions perms[2] = {
		{.id = 0, .perms = XS_PERM_NONE},
		{.id = step->guest, .perms = XS_PERM_READ},
	};

	switch (step->access) {
	case XS_INHERIT:
		return true;
	case XS_PRIVATE:
		return xs_set_permissions(xs, t, step->path, perms, 1);
	case XS_GUEST_READS:
		return xs_set_permissions(xs, t, step->path, perms, 2);
	case XS_GUEST_OWNS:
		perms[0].id = step->guest;
		return xs_set_permissions(xs, t, step->path, perms, 1);
	}
	return false;
}

static bool run_step(struct xs_handle *xs, xs_transaction_t t,
		     const struct step *step)
{
	bool ok = false;

	switch (step->kind) {
	case STEP_MKDIR:
		ok = xs_mkdir(xs, t, step->path);
		break;
	case STEP_WRITE:
		ok = xs_write(xs, t, step->path, step->value,
			      (unsigned int)strlen(step->value));
		break;
	case STEP_RM:
		return xs_rm(xs, t, step->path) || errno == ENOENT;
	}
	return ok && set_access(xs, t, step);
}

static int run_once(const struct xs_plan *plan, struct xs_handle *xs)
{
	xs_transaction_t t = xs_transaction_start(xs);
	unsigned int i;

	if (t == XBT_NULL)
		return -errno;
	for (i = 0; i < plan->count; i++) {
		if (!run_step(xs, t, &plan->steps[i])) {
			int code = errno;

			xs_transaction_end(xs, t, true);
			if (code != EAGAIN)
				log_warn("xenstore: %s: %s",
					 plan->steps[i].path, strerror(code));
			return -code;
		}
	}
	return xs_transaction_end(xs, t, false) ? 0 : -errno;
}

int plan_run(const struct xs_plan *plan, struct xs_handle *xs)
{
	unsigned int tries = PLAN_TRIES;
	int rc;

	if (plan->broken)
		return -ENOMEM;
	/* One node needs no transaction: half the round trips. */
	if (plan->count == 1 && plan->steps[0].access == XS_INHERIT)
		return run_step(xs, XBT_NULL, &plan->steps[0]) ? 0 : -errno;
	do {
		rc = run_once(plan, xs);
	} while (rc == -EAGAIN && --tries);
	return rc;
}
