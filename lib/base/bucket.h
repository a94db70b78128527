/* SPDX-License-Identifier: MIT */
/*
 * A token bucket: so many tokens a second, a few of which are saved up for
 * whoever was idle. Pure arithmetic; the time is the caller's.
 *
 * Whoever finds one token may take, and may take more than there are: the
 * bucket is then in debt, and gives nothing until that is paid. So what is
 * larger than the bucket needs no rule of its own, and large requests are not
 * starved by small ones that would each find their few tokens first. In any
 * stretch of time no more is taken than the rate gives, what was saved and
 * what was taken last.
 */
#ifndef XN_BASE_BUCKET_H
#define XN_BASE_BUCKET_H

#include <stdint.h>

/* Higher rates and larger amounts are taken for this. */
#define BUCKET_MAX (INT64_MAX / 4)

struct bucket {
	uint64_t rate;	   /* tokens a second; 0: no limit */
	int64_t burst;	   /* the most that is saved up */
	int64_t level;	   /* less than 0: a debt */
	uint64_t fraction; /* of a token, in billionths, on top of level */
	uint64_t last_ns;  /* when level was true */
};

/*
 * Changes the rate, and the most that is saved up (one token at least); all
 * zero is a bucket without a limit. What is saved or owed stays, as far as it
 * fits; a bucket that had no limit has one token, so that no burst is to be
 * had by setting it again and again.
 */
void bucket_set(struct bucket *b, uint64_t rate, uint64_t burst,
		uint64_t now_ns);

/*
 * 0 when there is something to be taken, else after how many nanoseconds
 * there will be. A time before an earlier one counts as that one.
 */
uint64_t bucket_wait_ns(struct bucket *b, uint64_t now_ns);

/* Takes n tokens, whether there are as many or not. */
void bucket_take(struct bucket *b, uint64_t n);

/* Puts n of them back. */
void bucket_return(struct bucket *b, uint64_t n);

#endif
