/* SPDX-License-Identifier: MIT */
/* What the front end writes into the store, and should not. */
#include "acts.h"

void act_key(struct vif *v, const struct row *row)
{
	const char *why = NULL;

	vif_close();
	if (vif_connect(v, row->key, row->text))
		why = "it was served";
	else if (!vif_is_closed())
		why = "it was not refused";
	act_finish(v, row, why);
}

/* After Initialising it is offered anew at once. */
void act_state(struct vif *v, const struct row *row)
{
	const char *why = NULL;

	vif_says_state(row->text);
	if (!vif_is_let_go_of())
		why = "it is not closed";
	act_again(v);
	act_finish(v, row, why);
}

void act_state_flood(struct vif *v, const struct row *row)
{
	int64_t i;

	for (i = 0; i < row->number; i++)
		vif_says_state("4");
	act_finish(v, row, vif_is_closed() ? "it is closed" : NULL);
}

void act_state_toggle(struct vif *v, const struct row *row)
{
	int64_t i;

	for (i = 0; i < row->number; i++)
		vif_says_state(i % 2 ? "4" : "6");
	act_again(v);
	act_finish(v, row, NULL);
}

/* It must close, and come back, where it always was. */
void act_back_end(struct vif *v, const struct row *row)
{
	char path[180], id[16];

	if (!store_read("device/vif/0/backend", path, sizeof(path)) ||
	    !store_read("device/vif/0/backend-id", id, sizeof(id)))
		give_up("it has no back end");
	store_write("device/vif/0/backend", "/local/domain/0/name");
	store_write("device/vif/0/backend-id", "7");
	act_again(v);
	store_write("device/vif/0/backend", path);
	store_write("device/vif/0/backend-id", id);
	act_finish(v, row, NULL);
}
