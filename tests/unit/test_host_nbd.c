/* SPDX-License-Identifier: MIT */
/* NBD servers: how they are named, how they are reached, when they are done. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/host/nbd_connect.h"
#include "daemon/host/nbd_drain.h"
#include "daemon/host/nbd_uri.h"
#include "tests/unit/scratch.h"

/* ---- names ---- */

static const struct {
	const char *text;
	struct nbd_uri uri;
} good[] = {
	{"nbd://h/e", {"h", "10809", "", "e"}},
	{"nbd://h", {"h", "10809", "", ""}},
	{"nbd://h/", {"h", "10809", "", ""}},
	{"nbd://h:/e", {"h", "10809", "", "e"}},
	{"nbd://h:1/", {"h", "1", "", ""}},
	{"nbd://h:65535//e", {"h", "65535", "", "/e"}},
	{"nbd://10.0.0.1/e/f", {"10.0.0.1", "10809", "", "e/f"}},
	{"nbd://[::1]/e", {"::1", "10809", "", "e"}},
	{"nbd://[fe80::1%25eth0]:7/e", {"fe80::1%eth0", "7", "", "e"}},
	{"nbd://h/%41%2f%3F%c3%a9", {"h", "10809", "", "A/?\xc3\xa9"}},
	{"nbd+unix:///?socket=/s", {"", "", "/s", ""}},
	{"nbd+unix://?socket=/s", {"", "", "/s", ""}},
	{"nbd+unix:///e?socket=/a%20b", {"", "", "/a b", "e"}},
};

static void test_good_uris(void **state)
{
	struct nbd_uri uri;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(nbd_uri_is(good[i].text));
		assert_int_equal(nbd_uri_parse(good[i].text, &uri, &e), 0);
		assert_string_equal(uri.host, good[i].uri.host);
		assert_string_equal(uri.port, good[i].uri.port);
		assert_string_equal(uri.socket, good[i].uri.socket);
		assert_string_equal(uri.export, good[i].uri.export);
	}
}

#define X64  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X64 X64 X64 X64

static const struct {
	const char *text;
	const char *why; /* part of it */
} bad[] = {
	{"nbds://h/e", "encrypted"},
	{"nbds+unix:///e?socket=/s", "encrypted"},
	{"nbd+vsock://2/e", "only nbd:// and nbd+unix://"},
	{"http://h/e", "only nbd:// and nbd+unix://"},
	{"NBD://h/e", "only nbd:// and nbd+unix://"},
	{"nbd://", "names no host"},
	{"nbd:///e", "names no host"},
	{"nbd://:1/e", "names no host"},
	{"nbd://[]/e", "names no host"},
	{"nbd://[::1/e", "not closed"},
	{"nbd://[::1]x/e", "follows the ]"},
	{"nbd://me@h/e", "a user"},
	{"nbd://h:0/e", "1 to 65535"},
	{"nbd://h:65536/e", "1 to 65535"},
	{"nbd://h:a/e", "1 to 65535"},
	{"nbd://h:00000001/e", "no number"},
	{"nbd://h/e?tls=1", "no parameters"},
	{"nbd://h/e#f", "%23"},
	{"nbd://h/%", "export's name holds"},
	{"nbd://h/%4", "export's name holds"},
	{"nbd://h/%4g", "export's name holds"},
	{"nbd://h/%00", "export's name holds"},
	{"nbd://h/\n", "export's name holds"},
	{"nbd://" X256 "/e", "host is longer than 255"},
	{"nbd://h/" X256 X256 X256 X256, "export's name is longer than 1023"},
	{"nbd+unix:///e", "names no ?socket="},
	{"nbd+unix:///e?", "only parameter"},
	{"nbd+unix:///e?tls=1", "only parameter"},
	{"nbd+unix:///e?socket=s", "not absolute"},
	{"nbd+unix:///e?socket=", "not absolute"},
	{"nbd+unix:///e?socket=/s&x=1", "besides"},
	{"nbd+unix://h/e?socket=/s", "has a host"},
	{"nbd+unix:///e?socket=/" X64 X64, "path is longer than 107"},
};

static void test_bad_uris(void **state)
{
	struct nbd_uri uri;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nbd_uri_parse(bad[i].text, &uri, &e), -EINVAL);
		assert_non_null(strstr(e.text, bad[i].why));
	}
	assert_false(nbd_uri_is("/a://b"));
	assert_false(nbd_uri_is("://b"));
	assert_false(nbd_uri_is("nbd:h:1"));
	assert_false(nbd_uri_is(""));
}

/* ---- reaching them ---- */

struct heard {
	struct event_base *base;
	int calls;
	int fd;
	struct err e;
};

static void on_connected(int fd, const struct err *e, void *arg)
{
	struct heard *h = arg;

	h->calls++;
	h->fd = fd;
	if (e)
		h->e = *e;
	event_base_loopbreak(h->base);
}

/* A listening socket of either kind; its URI in *text. */
static int listen_at(bool tcp, char *text, size_t size)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(in);
	int fd =
		socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	strcpy(un.sun_path, "server");
	unlink("server");
	assert_int_equal(
		bind(fd, tcp ? (struct sockaddr *)&in : (struct sockaddr *)&un,
		     tcp ? sizeof(in) : sizeof(un)),
		0);
	assert_int_equal(listen(fd, 5), 0);
	if (!tcp) {
		snprintf(text, size, "nbd+unix:///e?socket=%s/server",
			 scratch_dir());
		return fd;
	}
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	snprintf(text, size, "nbd://localhost:%u/e", ntohs(in.sin_port));
	return fd;
}

static struct nbd_connect *reach(struct heard *h, const char *text)
{
	struct nbd_connect *c;
	struct nbd_uri uri;
	struct err e;

	memset(h, 0, sizeof(*h));
	h->base = event_base_new();
	assert_int_equal(nbd_uri_parse(text, &uri, &e), 0);
	c = nbd_connect_start(h->base, &uri, 1, on_connected, h, &e);
	assert_non_null(c);
	return c;
}

static void finish(struct heard *h, struct nbd_connect *c)
{
	event_base_dispatch(h->base);
	assert_int_equal(h->calls, 1);
	nbd_connect_free(c);
	event_base_free(h->base);
}

static void check_greeted(bool tcp)
{
	char text[200], got[8];
	int listener = listen_at(tcp, text, sizeof(text));
	struct heard h;
	struct nbd_connect *c = reach(&h, text);
	int theirs = -1;

	while (event_base_loop(h.base, EVLOOP_NONBLOCK) == 0 && !h.calls) {
		theirs = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (theirs >= 0)
			assert_int_equal(write(theirs, "NBDMAGIC", 8), 8);
		if (theirs >= 0)
			break;
	}
	finish(&h, c);
	assert_true(h.fd >= 0);
	/* The greeting is still there to be read. */
	assert_int_equal(read(h.fd, got, sizeof(got)), 8);
	assert_memory_equal(got, "NBDMAGIC", 8);
	close(h.fd);
	close(theirs);
	close(listener);
}

static void test_reached(void **state)
{
	(void)state;
	check_greeted(false);
	check_greeted(true);
}

static void check_refused(const char *text, const char *why)
{
	struct heard h;
	struct nbd_connect *c = reach(&h, text);

	finish(&h, c);
	assert_int_equal(h.fd, -1);
	assert_non_null(strstr(h.e.text, why));
}

static void test_not_reached(void **state)
{
	char text[200];
	int listener = listen_at(true, text, sizeof(text));

	(void)state;
	check_refused(text, "does not answer within 1 seconds");
	close(listener);
	check_refused(text, "cannot connect: Connection refused");
	check_refused("nbd+unix:///?socket=/nowhere/at/all",
		      "cannot connect: No such file");
	check_refused("nbd://no-such-host.invalid/e", "cannot find its host");
}

static void check_greeting(const char *words, const char *why)
{
	struct heard h = {.base = event_base_new()};
	struct nbd_connect *c;
	int pair[2];
	struct err e;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], words, strlen(words)), strlen(words));
	close(pair[1]);
	c = nbd_connect_greet(h.base, pair[0], 1, on_connected, &h, &e);
	assert_non_null(c);
	finish(&h, c);
	assert_int_equal(h.fd, -1);
	assert_non_null(strstr(h.e.text, why));
}

static void test_bad_greetings(void **state)
{
	(void)state;
	check_greeting("", "hangs up");
	check_greeting("SSH-2.0-OpenSSH", "no NBD server");
	check_greeting("NBDMAGIX", "no NBD server");
}

/* Freed while its thread still asks: nobody is called, nothing leaks. */
static void test_given_up(void **state)
{
	struct heard h;
	struct nbd_connect *c = reach(&h, "nbd://localhost/e");

	(void)state;
	nbd_connect_free(c);
	event_base_loop(h.base, EVLOOP_NONBLOCK);
	assert_int_equal(h.calls, 0);
	event_base_free(h.base);
}

/* ---- done with ---- */

static void on_drained(void *arg)
{
	*(bool *)arg = true;
}

/* Told that no more comes, a server answers what it was asked, and closes. */
static void test_drained(void **state)
{
	struct event_base *base = event_base_new();
	bool drained = false;
	struct nbd_drain *n;
	int pair[2];
	char c;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "q", 1), 1);
	n = nbd_drain_start(base, pair[0], on_drained, &drained);
	assert_non_null(n);
	assert_int_equal(read(pair[1], &c, 1), 1);
	assert_int_equal(read(pair[1], &c, 1), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_false(drained);
	assert_int_equal(write(pair[1], "answer", 6), 6);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_false(drained);
	close(pair[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_true(drained);
	nbd_drain_free(n);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_uris),
		cmocka_unit_test(test_bad_uris),
		cmocka_unit_test(test_reached),
		cmocka_unit_test(test_not_reached),
		cmocka_unit_test(test_bad_greetings),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_drained),
	};

	if (scratch_enter(NULL) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
