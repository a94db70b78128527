/* SPDX-License-Identifier: MIT */
/* What a ring is about to be answered. */
#include "answers.h"

#include <string.h>

static void write_to(const struct answers *a, uint32_t n, uint32_t prod)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		memcpy(a->slots + (prod + i) % a->n_slots * a->slot_bytes,
		       a->kept->bytes + i * a->bytes, a->bytes);
}

uint32_t answers_resume(const struct answers *a, uint32_t prod)
{
	const uint32_t n = a->kept->n;

	if (n == 0 || n > a->n_slots || a->kept->to - prod != n)
		return prod;
	write_to(a, n, prod);
	return prod + n;
}

void answers_begin(struct answers *a)
{
	a->kept->n = 0;
}

void answers_add(struct answers *a, const void *response)
{
	memcpy(a->kept->bytes + a->kept->n * a->bytes, response, a->bytes);
	a->kept->n++;
}

void answers_show(struct answers *a, uint32_t *prod)
{
	/* No store above is moved below this, and none below above. */
	__atomic_exchange_n(&a->kept->to, *prod + a->kept->n, __ATOMIC_ACQ_REL);
	write_to(a, a->kept->n, *prod);
	*prod += a->kept->n;
}
