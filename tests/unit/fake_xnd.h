/* SPDX-License-Identifier: MIT */
/*
 * A daemon for tests of the command: a child on a socket of its own that
 * answers requests with what it was given, in order, whatever they say, and
 * keeps what it was sent.
 */
#ifndef XN_TESTS_FAKE_XND_H
#define XN_TESTS_FAKE_XND_H

#include <stddef.h>
#include <sys/types.h>

struct fake_xnd {
	pid_t pid;
	int sent; /* a file with all that clients sent */
	char path[64];
};

/*
 * replies ends with NULL. Each is sent for one line; "%d" in it is the
 * request's id. One that does not end in a newline is an answer followed by
 * a console's bytes: whatever comes then is kept, and the connection closed
 * when a 'Q' has come.
 */
void fake_xnd_start(struct fake_xnd *f, const char *const *replies);

/* Ends it. What it was sent is in text, NUL-ended. */
void fake_xnd_stop(struct fake_xnd *f, char *text, size_t size);

/* Runs cli/xn against it; stdin, stdout and stderr are the descriptors. */
pid_t fake_xnd_run(const struct fake_xnd *f, const char *const *args,
		   const int stdio[3]);

/* A new file without a name. */
int fake_xnd_file(void);

/* The whole of a file, NUL-ended. */
void fake_xnd_read(int fd, char *text, size_t size);

#endif
