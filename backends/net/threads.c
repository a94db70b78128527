/* SPDX-License-Identifier: MIT */
/* The threads of a vif as one. */
#include "threads.h"

#include "base/err.h"
#include "thread.h"

int threads_open(struct threads *t, unsigned int n, int told, struct err *e)
{
	while (t->n < n) {
		t->all[t->n] = thread_new(told, e);
		if (!t->all[t->n])
			return -e->code;
		t->n++;
	}
	return 0;
}

void threads_free(struct threads *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		loop_give_up(thread_loop(t->all[i]));
	threads_drop(t, 0);
}

void threads_drop(struct threads *t, unsigned int n)
{
	while (t->n > n)
		thread_free(t->all[--t->n]);
}

void threads_renew(struct threads *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		thread_renew(t->all[i]);
}

bool threads_are(const struct threads *t, enum loop_state state)
{
	unsigned int i;

	for (i = 0; i < t->n; i++) {
		enum loop_state is = loop_state(thread_loop(t->all[i]));

		if (is != LOOP_IDLE && is != state)
			return false;
	}
	return true;
}

const struct err *threads_failure(const struct threads *t)
{
	const struct err *e = NULL;
	unsigned int i;

	for (i = 0; i < t->n && !e; i++)
		e = loop_failure(thread_loop(t->all[i]));
	return e;
}

void threads_stop(struct threads *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		loop_stop(thread_loop(t->all[i]));
}

void threads_look_again(struct threads *t)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		loop_look_again(thread_loop(t->all[i]));
}
