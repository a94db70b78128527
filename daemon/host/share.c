/* SPDX-License-Identifier: MIT */
/* As the classic block script: its check_sharing, canonicalise_mode, same_vm. */
#include "daemon/host/share.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "daemon/host/image.h"

struct share share_of(const struct image_use *use)
{
	struct share s = {
		.read_only = use->read_only,
		.unchecked = use->unchecked && !use->read_only,
		.user = "another guest",
	};

	snprintf(s.uuid, sizeof(s.uuid), "%s", use->uuid ? use->uuid : "");
	return s;
}

int share_check(const struct share *wants, const struct share *has,
		const char *shown, struct err *e)
{
	if (wants->unchecked ||
	    (wants->uuid[0] && strcmp(wants->uuid, has->uuid) == 0) ||
	    (wants->read_only && (has->read_only || has->unchecked)))
		return 0;
	return err_set(e, EBUSY,
		       has->read_only ? "%s: in use by %s: can only be shared "
					"when all its users are read-only"
				      : "%s: in use by %s, which writes to it",
		       shown, has->user);
}
