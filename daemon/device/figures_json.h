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

/* JSON's integers, as ours are read, have a sign. */
struct json *figure_json(uint64_t n);

/* Sets those n of them. */
void figures_set(struct json *into, const void *figures,
		 const struct figure *which, size_t n);

/* A device's figures: a struct of words throughout for each queue. */
struct figures_of_queues {
	int fd;
	unsigned int queues;
	size_t bytes; /* of one's struct */
	/* Sets what a struct says in v. */
	void (*show)(struct json *v, const void *figures);
};

/*
 * Their sum (what is too much stays at the most that there is), with those of
 * each queue in "queues"; null when they cannot be read. sum, zero, and one are
 * such structs to work with. The caller frees it.
 */
struct json *figures_sum_json(const struct figures_of_queues *of, void *sum,
			      void *one);

#endif
