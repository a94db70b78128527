/* SPDX-License-Identifier: MIT */
/*
 * The product's queue, killed between any two of its instructions while it
 * serves a guest. What it leaves behind is judged each time, and now and then
 * a real successor has to go on with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/stepper.h"

#define REQUESTS      40  /* more than a ring holds: slots are used again */
#define FRAMES	      100 /* the data page from which on frames lie */
#define JOURNAL_BYTES MSG_BLK_JOURNAL_BYTES(1, 32)

/* What the parent has in common with the child that is stepped. */
static int guest_file, pages_file, image_file, journal_file;
static uint8_t *journal_map;

static void map_guest(int flags)
{
	void *at = mmap(&guest, sizeof(guest), PROT_READ | PROT_WRITE,
			flags | MAP_FIXED, guest_file, 0);

	assert_ptr_equal(at, &guest);
}

/* Has the guest's data pages in this file, instead of those it was born with. */
static void map_pages(int file)
{
	guest.memory = file;
	guest.pages = mmap(NULL, GUEST_PAGES * 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED, file, 0);
	assert_ptr_not_equal(guest.pages, MAP_FAILED);
}

static void copy_file(int to, int from, size_t bytes)
{
	void *data = malloc(bytes);

	assert_int_equal(pread(from, data, bytes, 0), bytes);
	assert_int_equal(pwrite(to, data, bytes, 0), bytes);
	free(data);
}

static int new_file(const char *name, off_t bytes)
{
	int file = memfd_create(name, MFD_CLOEXEC);

	assert_int_equal(ftruncate(file, bytes), 0);
	return file;
}

/* ---- the guest ---- */

/*
 * Request id writes page id to sector 8 * id, or reads what the one 8 before
 * it wrote; some say so in an indirect frame.
 */
static bool is_read(uint64_t id)
{
	return id % 16 >= 8;
}

static void place(uint64_t id)
{
	uint8_t op = is_read(id) ? BLKIF_OP_READ : BLKIF_OP_WRITE;
	uint64_t sector = 8 * (is_read(id) ? id - 8 : id);
	uint32_t page = (uint32_t)id;

	memset(guest.pages[id], is_read(id) ? 0xff : (int)(id + 1), 4096);
	if (id % 4 == 3)
		guest_put_indirect(id, op, sector, FRAMES + page, page, 1);
	else
		guest_add(guest_put(id, op, sector), page, 0, 7);
}

/* Places what it may: a read once what it reads is written. */
static void place_more(void)
{
	RING_IDX was = guest.put;

	while (guest.put < REQUESTS && guest.put - guest.seen < 12 &&
	       (!is_read(guest.put) || guest.answers[guest.put - 8]))
		place(guest.put);
	if (guest.put != was)
		guest_push();
}

static void serve_to_the_end(int journal, uint32_t generation)
{
	event_del(served.tick); /* it would only take time */
	alarm(300);
	close(served.image);
	served.image = image_file;
	served_use_journal(journal, generation);
	assert_int_equal(served_attach(GUEST_PORT, GUEST_RING_REF), 0);
	while (guest.seen < REQUESTS) {
		place_more();
		event_base_loop(served.base, EVLOOP_ONCE);
		guest_collect();
	}
}

/* ---- the worker that is stepped ---- */

static void run(void *arg)
{
	(void)arg;
	served_begin(NULL);
	guest_end();
	map_pages(pages_file);
	stepper_begin();
	serve_to_the_end(journal_file, 1);
}

/* ---- the judge ---- */

struct judge {
	RING_IDX rsp_prod; /* when last looked */
	uint8_t ring[4096], journal[JOURNAL_BYTES];
	uint8_t answered[REQUESTS];
	unsigned long states, successors;
	/* States in which an answer was marked and not yet shown to the guest,
	   and in which one was shown and its request not yet dropped. */
	unsigned long marked, shown;
};

static void note(uint8_t *found, uint64_t id, const char *where)
{
	if (id >= REQUESTS || found[id])
		fail_msg("request %lu, found %s, is nothing or elsewhere",
			 (unsigned long)id, where);
	found[id] = 1;
}

static const struct blkif_sring *sring(void)
{
	return &guest.ring.sring;
}

static const struct blk_x86_64_rw *entry(RING_IDX index)
{
	return (const struct blk_x86_64_rw *)(guest.ring.bytes + 64) +
	       index % 32;
}

/* The journal in file as a successor would find it; closed by the caller. */
static struct journal_backlog replay(struct journal *j, int file)
{
	static const struct journal_geometry geometry = {1, 32};
	struct journal_backlog b;
	struct err e;

	if (journal_open(j, file, &geometry, 2, &e) < 0 ||
	    journal_replay(&j->queue[0], sring()->rsp_prod, &b, &e) < 0)
		fail_msg("%s", e.text);
	return b;
}

/* Returns how many requests the journal holds. */
static unsigned int check_state(const struct judge *judge, int file)
{
	struct journal j = {0};
	struct journal_backlog b = replay(&j, file);
	uint8_t found[REQUESTS];
	RING_IDX i;

	memcpy(found, judge->answered, sizeof(found));
	for (i = 0; i < b.n; i++) {
		struct blk_x86_64_rw req;

		journal_read(&j.queue[0], b.entries[i], &req);
		note(found, req.id, "in the journal");
	}
	for (i = b.req_cons; i != sring()->req_prod; i++)
		note(found, entry(i)->id, "in the ring");
	for (i = 0; i < sring()->req_prod; i++)
		if (!found[i])
			fail_msg("request %u of %u is lost", i,
				 sring()->req_prod);
	journal_close(&j);
	return b.n;
}

/* What a successor must have done when it is through. */
static void check_end(const struct judge *judge, int copy)
{
	uint8_t page[4096];
	uint64_t id;

	for (id = 0; id < REQUESTS; id++) {
		if (guest.answers[id] != 1 ||
		    (!judge->answered[id] &&
		     guest.status[id] != BLKIF_RSP_OKAY))
			_exit(2);
		if (is_read(id) && (guest.pages[id][0] != id - 8 + 1 ||
				    guest.pages[id][4095] != id - 8 + 1))
			_exit(3);
		if (!is_read(id) &&
		    (pread(copy, page, 4096, (off_t)id * 4096) != 4096 ||
		     page[0] != id + 1 || page[4095] != id + 1))
			_exit(4);
	}
	if (guest.notified == 0)
		_exit(5);
	if (served.figures.taken != served.figures.answered)
		_exit(6);
}

/* Takes over the guest, whose worker has died: its memory is a copy. */
static void become_successor(const struct judge *judge)
{
	uint64_t id;
	int pages = new_file("pages", GUEST_PAGES * 4096);
	int fd;

	map_guest(MAP_PRIVATE);
	served_begin(NULL);
	fd = guest.fd;
	guest_end();
	map_guest(MAP_PRIVATE);
	guest.fd = fd;
	copy_file(pages, pages_file, 2 * FRAMES * 4096);
	map_pages(pages);
	guest.seen = sring()->rsp_prod;
	guest.put = sring()->req_prod;
	for (id = 0; id < REQUESTS; id++)
		guest.answers[id] = judge->answered[id];
	guest.bound = false;
	guest.masked = false;
	guest.pending = false;
	guest.notified = 0;
	guest.mapped = 0;
}

/* In a process of its own, with a copy of all there is. */
static void run_successor(const struct judge *judge, int journal)
{
	int image = new_file("image", SERVED_SECTORS * 512);
	int status;
	pid_t pid;

	copy_file(image, image_file, SERVED_SECTORS * 512);
	pid = fork();
	if (pid == 0) {
		become_successor(judge);
		image_file = image;
		serve_to_the_end(journal, 2);
		check_end(judge, image);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("state %lu: a successor ended with %#x", judge->states,
			 status);
	close(image);
}

/* Both moments that an answer has to survive must have been met. */
static void count_moments(struct judge *judge)
{
	const struct journal_area *area =
		(const struct journal_area *)(journal_map +
					      sizeof(struct journal_header));
	bool marked = false, was_shown = false;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		uint32_t mark = area->entries[i].mark;

		if (mark % (1u << JOURNAL_STATE_BITS) != JOURNAL_ANSWERED)
			continue;
		if (mark >> JOURNAL_STATE_BITS < sring()->rsp_prod)
			was_shown = true;
		else
			marked = true;
	}
	judge->marked += marked;
	judge->shown += was_shown;
}

/* At each instruction: has it changed what a successor would find? */
static bool look(void *arg)
{
	struct judge *judge = arg;
	bool shown = sring()->rsp_prod != judge->rsp_prod;
	unsigned int n;
	int copy;

	for (; judge->rsp_prod != sring()->rsp_prod; judge->rsp_prod++)
		note(judge->answered, *(const uint64_t *)entry(judge->rsp_prod),
		     "answered");
	if (memcmp(judge->ring, guest.ring.bytes, 4096) == 0 &&
	    memcmp(judge->journal, journal_map, JOURNAL_BYTES) == 0)
		return true;
	memcpy(judge->ring, guest.ring.bytes, 4096);
	memcpy(judge->journal, journal_map, JOURNAL_BYTES);
	if (((struct journal_header *)journal_map)->magic == 0)
		return true; /* nothing can have been taken yet */
	judge->states++;
	count_moments(judge);
	copy = new_file("copy", JOURNAL_BYTES);
	copy_file(copy, journal_file, JOURNAL_BYTES);
	n = check_state(judge, copy);
	close(copy);
	if (!shown && (n == 0 || judge->states % 3 != 0))
		return true;
	copy = new_file("copy", JOURNAL_BYTES);
	copy_file(copy, journal_file, JOURNAL_BYTES);
	run_successor(judge, copy);
	judge->successors++;
	close(copy);
	return true;
}

/* Is there an io_uring for us? */
static bool can_serve(void)
{
	bool can;

	served_begin(NULL);
	can = served.q;
	served_end(NULL);
	return can;
}

static void test_killed_at_each_instruction(void **state)
{
	struct judge *judge = test_calloc(1, sizeof(*judge));

	(void)state;
	if (!can_serve())
		skip();
	map_guest(MAP_SHARED);
	stepper_run(run, look, judge);
	print_message("# %lu states, %lu successors; an answer marked and not "
		      "shown in %lu, shown and not dropped in %lu\n",
		      judge->states, judge->successors, judge->marked,
		      judge->shown);
	assert_int_equal(sring()->rsp_prod, REQUESTS);
	assert_true(judge->states > 500);
	assert_true(judge->successors > 10);
	assert_true(judge->marked > 30);
	assert_true(judge->shown > 30);
	test_free(judge);
}

static int begin(void **state)
{
	(void)state;
	guest_file = new_file("guest", sizeof(guest));
	pages_file = new_file("pages", GUEST_PAGES * 4096);
	image_file = new_file("image", SERVED_SECTORS * 512);
	journal_file = new_file("journal", JOURNAL_BYTES);
	journal_map = mmap(NULL, JOURNAL_BYTES, PROT_READ, MAP_SHARED,
			   journal_file, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	munmap(journal_map, JOURNAL_BYTES);
	close(journal_file);
	close(image_file);
	close(pages_file);
	close(guest_file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed_at_each_instruction,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
