/* SPDX-License-Identifier: MIT */
/*
 * What a worker said before it went is heard, though it left messages of ours
 * unread: the kernel then reports ECONNRESET ahead of what it holds for us.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "chan/chan.h"

struct heard {
	struct event_base *base;
	unsigned int types[8];
	unsigned int messages;
	unsigned int ends;
	char text[MSG_TEXT_BYTES];
};

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct heard *h = arg;

	(void)fds;
	(void)n;
	assert_int_equal(h->ends, 0);
	assert_true(h->messages < 8);
	h->types[h->messages++] = m->head.type;
	if (m->head.type == MSG_FAILED)
		memcpy(h->text, m->failed.text, sizeof(h->text));
}

static void on_end(void *arg)
{
	struct heard *h = arg;

	h->ends++;
	event_base_loopbreak(h->base);
}

static const struct chan_ops ops = {on_message, on_end};

static void test_last_words(void **state)
{
	struct heard h = {.base = event_base_new()}, unused = {NULL};
	struct chan *ours, *theirs;
	struct err e;
	int fds[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	ours = chan_new(h.base, fds[0], &ops, &h, &e);
	theirs = chan_new(h.base, fds[1], &ops, &unused, &e);
	assert_non_null(ours);
	assert_non_null(theirs);
	assert_int_equal(chan_say(ours, MSG_STOP, 0), 0);
	err_set(&e, 5, "the image\x1b is\n gone");
	assert_int_equal(chan_say_failed(theirs, 7, &e), 0);
	assert_int_equal(chan_say(theirs, MSG_STOPPED, 7), 0);
	chan_free(theirs); /* MSG_STOP was not read */
	event_base_dispatch(h.base);
	assert_int_equal(h.messages, 2);
	assert_int_equal(h.types[0], MSG_FAILED);
	assert_int_equal(h.types[1], MSG_STOPPED);
	/* What a log or a terminal would act on has become harmless. */
	assert_string_equal(h.text, "the image? is? gone");
	assert_int_equal(h.ends, 1);
	chan_free(ours);
	event_base_free(h.base);
}

/* No byte of the sender's stack goes along behind the text. */
static void test_failed_is_clean(void **state)
{
	struct event_base *base = event_base_new();
	struct heard unused = {NULL};
	struct chan *c;
	union msg m;
	struct err e;
	int fds[2];
	size_t i;

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	memset(&e, 'x', sizeof(e));
	err_set(&e, 5, "short");
	c = chan_new(base, fds[0], &ops, &unused, &e);
	assert_int_equal(chan_say_failed(c, 7, &e), 0);
	assert_int_equal(read(fds[1], &m, sizeof(m)), sizeof(m.failed));
	assert_string_equal(m.failed.text, "short");
	for (i = strlen("short"); i < sizeof(m.failed.text); i++)
		assert_int_equal(m.failed.text[i], 0);
	close(fds[1]);
	chan_free(c);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_failed_is_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
