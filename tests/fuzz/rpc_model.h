/* SPDX-License-Identifier: MIT */
/*
 * What a stream of requests must be answered with, for the methods as
 * rpc_frames.c serves them: read again from the whole stream, line by line,
 * as the answers come in.
 */
#ifndef XN_FUZZ_RPC_MODEL_H
#define XN_FUZZ_RPC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RPC_MODEL_HELD_MAX 64

struct rpc_model {
	const char *at, *end; /* borrowed: what has not been answered yet */
	bool over;	      /* no line after this one is answered */
	bool handed_over;
	bool progress; /* of the line at at has been seen */
	struct {
		const char *line;
		size_t size;
	} held[RPC_MODEL_HELD_MAX];
	unsigned int n_held, answered;
	bool let_go;
};

void rpc_model_begin(struct rpc_model *m, const char *stream, size_t size);

/* An answer has come, without its newline: it must be the next one due. */
void rpc_model_answer(struct rpc_model *m, const char *line, size_t size);

/* The calls that were held are answered now, in their order. */
void rpc_model_let_go(struct rpc_model *m);

/* No more answers are to come: none may be due. */
void rpc_model_end(struct rpc_model *m);

#endif
