/* SPDX-License-Identifier: MIT */
/* Opening, serving and losing a real server. */
#include "tests/unit/nbd_served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/nbd_api.h"
#include "backends/blk/nbd_link.h"
#include "backends/blk/nbd_open.h"
#include "backends/blk/nbd_store.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/nbd_server.h"

struct nbd nbd;

static void on_open(struct nbd_link *link, void *arg)
{
	(void)arg;
	nbd.link = link;
	nbd.ended++;
	nbd_open_free(nbd.opening);
}

static void on_failed(const struct err *e, void *arg)
{
	(void)arg;
	nbd.failure = *e;
	nbd.ended++;
	nbd_open_free(nbd.opening);
}

void nbd_begin_open(int fd, const char *export, bool writable)
{
	static const struct nbd_open_ops ops = {on_open, on_failed};
	struct err e = {0};

	nbd.link = NULL;
	nbd.ended = 0;
	nbd.opening =
		nbd_open_new(served.base, fd, export, writable, &ops, NULL, &e);
	if (!nbd.opening) {
		nbd.failure = e;
		nbd.ended++;
	}
}

struct nbd_link *nbd_open_link(const char *export, bool writable)
{
	nbd_begin_open(nbd_server_connect(), export, writable);
	served_until(&nbd.ended, 1);
	return nbd.link;
}

void nbd_expect_refusal(const char *words)
{
	served_until(&nbd.ended, 1);
	assert_null(nbd.link);
	if (!strstr(nbd.failure.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, nbd.failure.text);
}

void nbd_serve(void)
{
	struct nbd_link *link = nbd_open_link("", true);
	struct err e;

	if (!link)
		fail_msg("%s", nbd.failure.text);
	nbd.store = nbd_store_open(link, "d5/vbd-51712", nbd.told, &e);
	assert_non_null(nbd.store);
	served.store = nbd.store;
	served_start();
}

int nbd_begin(void **state)
{
	memset(&nbd, 0, sizeof(nbd));
	nbd_api_load();
	nbd.told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return served_begin(state);
}

int nbd_end(void **state)
{
	int rc = served_end(state);

	nbd_server_end(SIGKILL);
	close(nbd.told);
	return rc;
}

void nbd_until_lost(void)
{
	double begun = served_ms();
	eventfd_t n;

	while (!nbd_store_is_lost(nbd.store)) {
		event_base_loop(served.base, EVLOOP_ONCE);
		if (served_ms() - begun > 60000)
			fail_msg("not lost after a minute");
	}
	assert_int_equal(eventfd_read(nbd.told, &n), 0);
}

void nbd_give_another(void)
{
	struct nbd_link *link = nbd_open_link("", true);

	assert_non_null(link);
	nbd_store_give(nbd.store, link);
	assert_false(nbd_store_is_lost(nbd.store));
}

void nbd_put(uint64_t id, uint8_t op, uint64_t sector, uint32_t page)
{
	guest_add(guest_put(id, op, sector), page, 0, 7);
}
