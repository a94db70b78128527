/* SPDX-License-Identifier: MIT */
/* The entries behind such references. */
#include "tests/sim/guest/lie.h"
#include "xen/abi.h"

#include <errno.h>

#include "base/err.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/protocol.h"

#define STRANGER 77

/* The entry of a reference that has been given, made what kind says. */
static void lie_twist(struct lie *l, enum lie_ref kind)
{
	struct grant_entry_v1 *entry = grants_entry(l->guest->grants, l->ref);

	switch (kind) {
	case REF_NEVER_GRANTED:
	case REF_LAST_NEVER_GRANTED:
	case REF_REVOKED:
		entry->flags = GTF_invalid;
		break;
	case REF_READ_ONLY:
		entry->flags = GTF_permit_access | GTF_readonly;
		break;
	case REF_TRANSFER:
		entry->flags = GTF_accept_transfer;
		break;
	case REF_OTHER_DOMAIN:
		entry->domid = STRANGER;
		break;
	case REF_NO_FRAME:
		entry->frame = SIM_MEMORY_FRAMES + 12345;
		break;
	case REF_OTHERS_FRAME:
		entry->frame = 1;
		break;
	case REF_GOOD:
	case REF_HUGE:
		break;
	}
}

int lie_open(struct lie *l, struct guest *g, enum lie_ref kind, struct err *e)
{
	*l = (struct lie){.guest = g, .page = guest_page_new(g)};
	if (!l->page)
		return err_set(e, ENOMEM, "no pages left");
	l->ref = grants_give(g->grants, guest_page_frame(g, l->page), 0);
	if (!l->ref) {
		lie_close(l);
		return err_set(e, ENOSPC, "no grants left");
	}
	lie_twist(l, kind);
	if (kind == REF_HUGE) {
		grants_end(g->grants, l->ref);
		l->ref = UINT32_MAX;
	}
	return 0;
}

void lie_close(struct lie *l)
{
	bool ended = true;

	if (l->ref && l->ref != UINT32_MAX)
		ended = grants_end(l->guest->grants, l->ref) == 0;
	if (ended)
		guest_page_free(l->guest, l->page);
	*l = (struct lie){0};
}

bool lie_answered(int wanted, int status)
{
	if (wanted == ANSWER_ANY)
		return true;
	return wanted == ANSWER_REFUSED ? status != 0 : status == wanted;
}
