/* SPDX-License-Identifier: MIT */
/* A guest's wishes in a file, in two copies. */
#include "journal.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "chan/msg.h"

#define MAGIC	0x6c6e726a2d74656eull /* "net-jrnl" */
#define VERSION 2

struct journal_copy {
	uint64_t number; /* the later one counts; it may wrap */
	uint64_t seal;	 /* of number and wishes; written last. 0 is none */
	struct wishes wishes;
	uint8_t zeros[4096 - 16 - sizeof(struct wishes)];
};

struct journal_file {
	uint64_t magic; /* 0: a new file */
	uint32_t version;
	struct answers_kept ctrl; /* n is 0 where none were kept yet */
	uint8_t zeros[4096 - 12 - sizeof(struct answers_kept)];
	struct journal_copy copies[2];
	union {
		struct answers_kept answers;
		uint8_t page[4096];
	} rings[MSG_NET_QUEUES_MAX][JOURNAL_RINGS];
};

_Static_assert(sizeof(struct journal_file) == MSG_NET_JOURNAL_BYTES,
	       "it fits the file");

/* FNV-1a: tells a copy that was finished from one that was not. */
static uint64_t seal_of(uint64_t number, const struct wishes *w)
{
	const uint8_t *at = (const uint8_t *)w;
	uint64_t seal = 0xcbf29ce484222325 ^ number;
	size_t i;

	for (i = 0; i < sizeof(*w); i++)
		seal = (seal ^ at[i]) * 0x100000001b3;
	return seal ? seal : 1;
}

/* Takes what is in a copy, once; false when that is not to be used. */
static bool read_copy(const struct journal_copy *copy, unsigned int n_queues,
		      uint64_t *number, struct wishes *w)
{
	uint64_t seal = __atomic_load_n(&copy->seal, __ATOMIC_ACQUIRE);

	*number = copy->number;
	memcpy(w, &copy->wishes, sizeof(*w));
	return seal && seal == seal_of(*number, w) &&
	       wishes_are_sound(w, n_queues);
}

static int read_newest(struct journal *j, unsigned int n_queues,
		       struct wishes *w, struct err *e)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct wishes found;
		uint64_t number;

		if (!read_copy(&j->map->copies[i], n_queues, &number, &found) ||
		    (any && (int64_t)(number - j->number) < 0))
			continue;
		any = true;
		j->number = number;
		*w = found;
	}
	if (!any)
		return err_set(e, EUCLEAN,
			       "journal: neither of its copies is sound");
	return 0;
}

static int check_file(int fd, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "journal: cannot look at it");
	if (!S_ISREG(st.st_mode) || st.st_size < MSG_NET_JOURNAL_BYTES)
		return err_set(e, EUCLEAN,
			       "journal: no file of %u bytes or more",
			       MSG_NET_JOURNAL_BYTES);
	return 0;
}

int journal_open(struct journal *j, int fd, unsigned int n_queues,
		 struct wishes *w, struct err *e)
{
	void *map;
	int rc = check_file(fd, e);

	*j = (struct journal){0};
	memset(w, 0, sizeof(*w));
	if (rc < 0)
		return rc;
	map = mmap(NULL, sizeof(*j->map), PROT_READ | PROT_WRITE, MAP_SHARED,
		   fd, 0);
	if (map == MAP_FAILED)
		return err_errno(e, errno, "journal: cannot map it");
	j->map = map;
	if (j->map->magic == 0) {
		journal_write(j, w);
		j->map->version = VERSION;
		__atomic_store_n(&j->map->magic, MAGIC, __ATOMIC_RELEASE);
		return 0;
	}
	if (j->map->magic != MAGIC || j->map->version != VERSION)
		rc = err_set(e, EUCLEAN, "journal: not one of version %u",
			     VERSION);
	else
		rc = read_newest(j, n_queues, w, e);
	if (rc < 0)
		journal_close(j);
	return rc;
}

void journal_close(struct journal *j)
{
	if (j->map)
		munmap(j->map, sizeof(*j->map));
	*j = (struct journal){0};
}

void journal_write(struct journal *j, const struct wishes *w)
{
	const uint64_t number = j->number + 1;
	struct journal_copy *copy = &j->map->copies[number % 2];

	/* No store below is moved above this. */
	__atomic_exchange_n(&copy->seal, 0, __ATOMIC_ACQ_REL);
	copy->number = number;
	memcpy(&copy->wishes, w, sizeof(*w));
	__atomic_store_n(&copy->seal, seal_of(number, w), __ATOMIC_RELEASE);
	j->number = number;
}

struct answers_kept *journal_answers(const struct journal *j,
				     unsigned int queue, enum journal_ring ring)
{
	return &j->map->rings[queue][ring].answers;
}

struct answers_kept *journal_ctrl_answers(const struct journal *j)
{
	return &j->map->ctrl;
}
