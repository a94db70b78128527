/* SPDX-License-Identifier: MIT */
/*
 * A network interface as xl writes it, "mac=…,bridge=…", into the form of
 * the protocol. What xn cannot give is refused by name.
 */
#ifndef XN_CLI_CFG_VIF_H
#define XN_CLI_CFG_VIF_H

#include <stddef.h>

struct err;
struct json;

/*
 * All specs together describe one vif: one string of a file, or the words
 * after network-attach. The caller frees the object, which has only the
 * members that were given. NULL with *e set.
 */
struct json *cfg_vif_parse(size_t count, const char *const *specs,
			   struct err *e);

/*
 * What a person is to know of a spec that cfg_vif_parse takes: a key that does
 * nothing, or is out of use. Static; NULL for nothing.
 */
const char *cfg_vif_note(const char *spec);

#endif
