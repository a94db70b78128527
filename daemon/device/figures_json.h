/* SPDX-License-Identifier: MIT */
/*
 * Figures as JSON. They were written by a program that its guest may have
 * taken over: any number may stand there, and none is used but to be shown.
 */
#ifndef XN_DEVICE_FIGURES_JSON_H
#define XN_DEVICE_FIGURES_JSON_H

#include <stddef.h>
#include <stdint.h>

struct json;

/* A number of a struct of figures. */
struct figure {
	const char *name;
	size_t offset;
};

#define FIGURE(type, field)                          \
	{                                            \
#field, offsetof(struct type, field) \
	}

/*
 * Adds to *sum, word by word, what figures of so many bytes hold, which are
 * words throughout. What is too much stays at the most that there is.
 */
void figures_add(void *sum, const void *figures, size_t bytes);

/* JSON's integers, as ours are read, have a sign. */
struct json *figure_json(uint64_t n);

/* Sets those n of them. */
void figures_set(struct json *into, const void *figures,
		 const struct figure *which, size_t n);

#endif
