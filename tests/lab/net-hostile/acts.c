/* SPDX-License-Identifier: MIT */
/* What the acts have in common: references, the question, and the telling. */
#include "acts.h"

#include <stdio.h>

#define STRANGER 77 /* a domain that there is not */
#define TRIES	 3  /* questions, before there is no answer */

static uint32_t refs[4]; /* by enum ref */
static unsigned int n_rows, n_bad;
static uint64_t n_refused, n_failed;
static uint64_t told_ms; /* when the last row was told of */

void acts_open(struct vif *v)
{
	struct page page;

	refs[BEYOND_TABLE] = 0x7fffffff;
	pages_give(STRANGER, true, 1, &page);
	refs[STRANGERS] = page.ref;
	/* Last, or another page would be given by it. */
	refs[REVOKED] = page_revoked();
	if (!vif_connect(v, NULL, NULL) || !act_asks(v))
		give_up("it does not serve at first");
	told_ms = now_ms();
}

uint32_t acts_ref(enum ref ref)
{
	return refs[ref];
}

void acts_count_refused(uint64_t n)
{
	n_refused += n;
}

void acts_count_failed(uint64_t n)
{
	n_failed += n;
}

void acts_sum_up(void)
{
	printf("\nGUEST hostile rows %u\n", n_rows);
	printf("GUEST hostile refused %llu\n", (unsigned long long)n_refused);
	printf("GUEST hostile failed %llu\n", (unsigned long long)n_failed);
	fflush(stdout);
}

bool acts_all_held(void)
{
	return n_bad == 0;
}

static void tell(const struct row *row, const char *why)
{
	const uint64_t now = now_ms();

	n_rows++;
	n_bad += why != NULL;
	printf("\nGUEST hostile %sok - %s%s%s\n", why ? "not " : "", row->says,
	       why ? ": " : "", why ? why : "");
	if (row->why)
		printf("GUEST hostile closed %s\n", row->why);
	printf("GUEST hostile took %llu ms: %s\n",
	       (unsigned long long)(now - told_ms), row->says);
	fflush(stdout);
	told_ms = now_ms();
}

void act_again(struct vif *v)
{
	vif_close();
	if (!vif_connect(v, NULL, NULL))
		give_up("it is not connected again");
}

bool act_asks_often(struct vif *v, unsigned int n)
{
	unsigned int i;

	frame_write_arp(v->tx_pages[0].data, v);
	for (i = 0; i < n; i++)
		vif_slot(v)->req = (netif_tx_request_t){
			.gref = v->tx_pages[0].ref,
			.size = ARP_BYTES,
		};
	vif_push(v);
	return vif_wait(v) && vif_answer(v, 0)->status == NETIF_RSP_OKAY;
}

bool act_asks(struct vif *v)
{
	unsigned int i;

	for (i = 0; i < TRIES && act_asks_often(v, 1); i++) {
		if (vif_hears(v, HEARD_ARP) & HEARD_ARP)
			return true;
		vif_describe(v);
	}
	return false;
}

void act_finish(struct vif *v, const struct row *row, const char *why)
{
	if (why || vif_is_closed())
		act_again(v);
	if (!act_asks(v) && !why)
		why = "it does not go on";
	tell(row, why);
}

void act_finish_closed(struct vif *v, const struct row *row)
{
	act_finish(v, row, vif_becomes_closed() ? NULL : "it is not closed");
}
