/* SPDX-License-Identifier: MIT */
/*
 * The one door to Xen's public headers. <xenctrl.h> must come first: it
 * defines __XEN_TOOLS__ and the barriers that <xen/io/ring.h> uses. Nothing
 * else in this project includes <xen/…>.
 */
#ifndef XN_XEN_ABI_H
#define XN_XEN_ABI_H

#include <stdint.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xen/grant_table.h>
#include <xen/io/ring.h>
#include <xen/io/blkif.h>
#include <xen/io/console.h>
#include <xen/io/netif.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#endif
