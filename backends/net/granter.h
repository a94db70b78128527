/* SPDX-License-Identifier: MIT */
/* The device by which dom0 grants pages of its own. */
#ifndef XN_NET_GRANTER_H
#define XN_NET_GRANTER_H

#include "xen/abi.h"

/*
 * A handle of it, owned by the caller: xengntshr_close. NULL, without a word,
 * when there is none, for its module (xen-gntalloc) may not be loaded.
 */
xengntshr_handle *granter_open(void);

#endif
