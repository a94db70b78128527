/* SPDX-License-Identifier: MIT */
/* The words that change a vif in use: "rate=10Mb/s", "carrier=down". */
#ifndef XN_CLI_VIF_CHANGE_H
#define XN_CLI_VIF_CHANGE_H

struct err;
struct json;

/*
 * Sets what the word says in params, as network.set takes it: "rate=" as
 * rate_parse has it, "bridge=", "vlan=" or "carrier="; 0 takes a rate or VLANs
 * away. 0, or -errno with *e set for what is no such word or has been said
 * before. Pure.
 */
int vif_change_read(const char *word, struct json *params, struct err *e);

#endif
