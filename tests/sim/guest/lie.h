/* SPDX-License-Identifier: MIT */
/* Grant references that are not what they are given for. */
#ifndef XN_SIM_GUEST_LIE_H
#define XN_SIM_GUEST_LIE_H

#include <stdint.h>

#include "tests/sim/guest/script.h"

struct guest;

struct lie {
	struct guest *guest; /* borrowed */
	void *page;	     /* of the guest's; NULL: there is none */
	uint32_t ref;
};

/* A page and a reference of that kind. 0 or -errno with *e set. */
int lie_open(struct lie *l, struct guest *g, enum lie_ref kind, struct err *e);
/* Takes it back, whatever it is. */
void lie_close(struct lie *l);

/* status is what was asked for; ANSWER_REFUSED is anything but 0. */
bool lie_answered(int wanted, int status);

#endif
