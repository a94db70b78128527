/* SPDX-License-Identifier: MIT */
/*
 * Queues on threads of their own: what the main thread says arrives, and what
 * they say. The queues are this test's, so that each end can be had at will.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include <poll.h>

#include "backends/blk/thread.h"
#include "base/err.h"

#define PORT_REFUSED 1
#define PORT_FAILS   2 /* once it is told to drain, before it is drained */
#define PORT_HANGS   3 /* never drained */

struct queue {
	const struct queue_ops *ops;
	void *arg;
	uint32_t port;
	bool attached;
};

static atomic_int attached, opened, looked;

struct queue *queue_new(struct event_base *base, const struct queue_ops *ops,
			void *arg, struct err *e)
{
	struct queue *q = calloc(1, sizeof(*q));

	(void)base;
	(void)e;
	q->ops = ops;
	q->arg = arg;
	opened++;
	return q;
}

void queue_free(struct queue *q)
{
	if (q)
		opened--;
	free(q);
}

void queue_look_again(struct queue *q)
{
	(void)q;
	looked++;
}

int queue_attach(struct queue *q, const struct queue_peer *peer, struct err *e)
{
	q->port = peer->port;
	if (peer->port == PORT_REFUSED)
		return err_set(e, EINVAL, "no such port");
	q->attached = true;
	attached++;
	return 0;
}

void queue_drain(struct queue *q)
{
	struct err e;

	if (q->port == PORT_FAILS) {
		err_set(&e, EPROTO, "it lies");
		q->ops->on_failed(&e, q->arg);
	}
	if (q->port != PORT_HANGS)
		q->ops->on_drained(q->arg);
}

void queue_detach(struct queue *q)
{
	if (q->attached)
		attached--;
	q->attached = false;
}

static int told;

static struct thread *start(uint32_t port)
{
	const struct queue_peer peer = {.name = "test", .port = port};
	struct err e;
	struct thread *t = thread_new(told, &e);

	assert_non_null(t);
	assert_int_equal(loop_state(thread_loop(t)), LOOP_IDLE);
	assert_int_equal(thread_start(t, 0, &peer, &e), 0);
	return t;
}

static bool wait_for_word(void)
{
	struct pollfd p = {.fd = told, .events = POLLIN};
	eventfd_t n;

	return poll(&p, 1, 60000) == 1 && eventfd_read(told, &n) == 0;
}

static void wait_until(const struct thread *t, enum loop_state state)
{
	while (loop_state(thread_loop(t)) != state)
		assert_true(wait_for_word());
}

static int setup(void **state)
{
	(void)state;
	told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return told < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(told);
	return attached != 0 || opened != 0;
}

static void test_serves_and_stops(void **state)
{
	struct thread *threads[16];
	unsigned int i;

	(void)state;
	for (i = 0; i < 16; i++)
		threads[i] = start(100 + i);
	for (i = 0; i < 16; i++)
		wait_until(threads[i], LOOP_SERVING);
	assert_int_equal(attached, 16);
	for (i = 0; i < 16; i++) {
		assert_null(loop_failure(thread_loop(threads[i])));
		loop_stop(thread_loop(threads[i]));
		loop_stop(thread_loop(threads[i]));
	}
	for (i = 0; i < 16; i++) {
		wait_until(threads[i], LOOP_ENDED);
		thread_free(threads[i]);
	}
}

static void test_looks_again(void **state)
{
	struct thread *t = start(100);
	int goal = looked + 1;

	(void)state;
	wait_until(t, LOOP_SERVING);
	loop_look_again(thread_loop(t));
	while (looked < goal)
		usleep(1000);
	loop_stop(thread_loop(t));
	wait_until(t, LOOP_ENDED);
	thread_free(t);
}

/* Whatever the thread has come to when it is told. */
static void test_stops_at_once(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		struct thread *t = start(100);

		loop_stop(thread_loop(t));
		wait_until(t, LOOP_ENDED);
		thread_free(t);
	}
}

static void test_refused(void **state)
{
	struct thread *t = start(PORT_REFUSED);

	(void)state;
	while (!loop_failure(thread_loop(t)))
		assert_true(wait_for_word());
	assert_string_equal(loop_failure(thread_loop(t))->text, "no such port");
	assert_int_equal(loop_state(thread_loop(t)), LOOP_STARTING);
	loop_stop(thread_loop(t));
	wait_until(t, LOOP_ENDED);
	thread_free(t);
}

static void test_fails(void **state)
{
	struct thread *t = start(PORT_FAILS);

	(void)state;
	wait_until(t, LOOP_SERVING);
	loop_stop(thread_loop(t));
	wait_until(t, LOOP_ENDED);
	assert_non_null(loop_failure(thread_loop(t)));
	assert_int_equal(loop_failure(thread_loop(t))->code, EPROTO);
	thread_free(t);
}

static void test_gives_up(void **state)
{
	struct thread *t = start(PORT_HANGS);

	(void)state;
	wait_until(t, LOOP_SERVING);
	loop_stop(thread_loop(t));
	usleep(20000);
	assert_int_equal(loop_state(thread_loop(t)), LOOP_SERVING);
	loop_give_up(thread_loop(t));
	wait_until(t, LOOP_ENDED);
	thread_free(t);
}

static void test_never_started(void **state)
{
	struct err e;
	struct thread *t = thread_new(told, &e);

	(void)state;
	loop_stop(thread_loop(t));
	loop_give_up(thread_loop(t));
	assert_int_equal(loop_state(thread_loop(t)), LOOP_IDLE);
	thread_free(t);
	thread_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_serves_and_stops),
		TEST(test_stops_at_once),
		TEST(test_looks_again),
		TEST(test_refused),
		TEST(test_fails),
		TEST(test_gives_up),
		TEST(test_never_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
