/* SPDX-License-Identifier: MIT */
/* What is JSON, by RFC 8259 and RFC 3629 alone: a second opinion. */
#ifndef XN_FUZZ_JSON_MODEL_H
#define XN_FUZZ_JSON_MODEL_H

#include <stddef.h>

enum model_json {
	MODEL_NOT_JSON,
	MODEL_JSON_REFUSED, /* JSON, but beyond what lib/json/json.h takes */
	MODEL_JSON,
};

/* The text as exactly one value, blanks around it allowed. */
enum model_json model_json(const char *text, size_t size);

#endif
