/* SPDX-License-Identifier: MIT */
/*
 * What a configuration means: settings in, the configuration of doc/rpc.md
 * out, or errors with their places. Pure: no file but the text is looked at;
 * whether a kernel exists is for xnd to say.
 */
#ifndef XN_CLI_CFG_DOMAIN_H
#define XN_CLI_CFG_DOMAIN_H

#include <stdbool.h>

#include "cli/cfg_lex.h"

struct cfg;
struct json;
struct notes;

/*
 * source: the file, for what is missing from it. cwd: what relative paths of
 * kernel and ramdisk begin in. The caller frees the result; NULL when there
 * were errors, which are in notes, as are warnings.
 */
struct json *cfg_domain_build(const struct cfg *cfg, const char *source,
			      const char *cwd, struct notes *notes);

/*
 * Where the value is written that xnd calls key, such as "memory" or
 * "disks[1].target". False when no setting has to do with it.
 */
bool cfg_domain_where(const struct cfg *cfg, const char *key,
		      struct cfg_pos *pos);

#endif
