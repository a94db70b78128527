/* SPDX-License-Identifier: MIT */
/*
 * Why a build failed, in one sentence: from the step that failed, what the
 * files and the host look like, and what the library said.
 */
#ifndef XN_BUILD_EXPLAIN_H
#define XN_BUILD_EXPLAIN_H

struct err;
struct image;
struct msg_build;
struct xc_interface_core;

/* One build. All is borrowed. */
struct explain {
	struct xc_interface_core *xc;
	const struct msg_build *req;
	const struct image *image;
};

/* Each reads errno and build/message.h, and sets *e with a code that is > 0. */
void explain_kernel(const struct explain *x, struct err *e);
void explain_memory(const struct explain *x, struct err *e);
void explain_load(const struct explain *x, struct err *e);
void explain_other(const struct explain *x, struct err *e);

#endif
