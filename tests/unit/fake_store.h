/* SPDX-License-Identifier: MIT */
/*
 * libxenstore's interface over a table in memory, for what stands on it:
 * watches fire as xenstored's do, transactions never conflict.
 */
#ifndef XN_TESTS_FAKE_STORE_H
#define XN_TESTS_FAKE_STORE_H

#include <stdbool.h>

/* As the guest's or anybody's write: fires watches. */
void store_write(const char *path, const char *value);

/* True when the node has that value. */
bool store_has(const char *path, const char *value);

/* How often the node has been written since it was made. */
unsigned int store_writes(const char *path);

/* Nodes that are there. */
unsigned int store_count(void);

/*
 * When path is read the next time, other is written first, and the reader's
 * thread gives others a moment to hear of it. All borrowed.
 */
void store_when_read(const char *path, const char *other, const char *value);

/* Forgets every node. For when no handle is open. */
void store_clear(void);

#endif
