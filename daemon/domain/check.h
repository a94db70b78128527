/* SPDX-License-Identifier: MIT */
/* Checks of a configuration against the host, and the bounds they share. */
#ifndef XN_DOMAIN_CHECK_H
#define XN_DOMAIN_CHECK_H

#include <stdint.h>

/* XSA-25: nothing larger is handed to the domain builder. */
#define KERNEL_MAX_BYTES  (256ull << 20)
#define RAMDISK_MAX_BYTES (4096ull << 20)

struct domain_config;
struct err;
struct vif_config;
struct xnd;

/* What can be refused before Xen is touched; leaves nothing open. */
int domain_check(struct xnd *x, const struct domain_config *c, struct err *e);

/* Is there free memory for this many MiB, and for what comes on top? */
int domain_check_memory(struct xnd *x, uint32_t mib, struct err *e);

/* The bridge or the script that a vif names is there. */
int domain_check_place(struct xnd *x, const struct vif_config *v,
		       const char *key, struct err *e);

/* So they are; and its MAC and its name are free. */
int domain_check_vif(struct xnd *x, const struct vif_config *v, const char *key,
		     struct err *e);

#endif
