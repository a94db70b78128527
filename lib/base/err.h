/* SPDX-License-Identifier: MIT */
/*
 * An error in words, for a person. The return value of a function says
 * whether it failed; struct err, on the caller's stack, says why. It owns
 * nothing and needs no release.
 */
#ifndef XN_BASE_ERR_H
#define XN_BASE_ERR_H

/*
 * code: a positive errno. text: one line, without a full stop, that names
 * what was wrong. key: the configuration key at fault ("disks[1].target"),
 * or empty.
 */
struct err {
	int code;
	char text[320];
	char key[64];
};

/* Sets *e, forgetting what it held. Returns -code. e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * As err_set, followed by ": " and the words for code, for which a long text
 * is cut. Returns -code.
 */
int err_errno(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "…: " before the text of *e, cut likewise. Returns -e->code. */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Names the configuration key at fault. Returns -e->code. */
int err_key(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Says where the key that is named is: "disks[1]" makes "disks[1].target" of
 * "target", and nothing of none. Returns -e->code.
 */
int err_key_in(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
