/* SPDX-License-Identifier: MIT */
/* Rules of nftables, written down. */
#include "daemon/net/fence.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/mac.h"
#include "daemon/net/prefix.h"

int fence_check(const struct place *place, struct err *e)
{
	const char *c;

	for (c = place->ifname; place->n_prefixes && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return err_set(e, EINVAL,
				       "interface %s: its guest cannot be kept "
				       "to its addresses: nftables takes names "
				       "of letters, digits, '-', '_' and '.'",
				       place->ifname);
	return 0;
}

/* ---- IPv6 ---- */

/* fe80:: and the MAC, its seventh bit turned, with ff:fe in the middle. */
static void make_link_local(const uint8_t mac[6], struct prefix *p)
{
	*p = (struct prefix){
		.family = AF_INET6,
		.bits = 128,
		.bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1],
			  mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]},
	};
}

/*
 * The target of a neighbour solicitation or advertisement: 16 bytes from the
 * eighth of ICMPv6. nft(8) has no word for it, and no set of what has none.
 */
static void write_target(FILE *out, const struct prefix *p)
{
	unsigned int i;

	fputs("@th,64,128 & 0x", out);
	for (i = 0; i < 128; i += 8)
		fprintf(out, "%02x",
			p->bits >= i + 8 ? 0xff
			: p->bits > i	 ? (0xff00 >> (p->bits - i)) & 0xff
					 : 0);
	fputs(" == 0x", out);
	for (i = 0; i < sizeof(p->bytes); i++)
		fprintf(out, "%02x", p->bytes[i]);
	fputs(" accept\n", out);
}

static void write_targets(FILE *out, const struct place *place)
{
	struct prefix own;
	unsigned int i;

	make_link_local(place->mac, &own);
	fputs("chain check_target {\n", out);
	write_target(out, &own);
	for (i = 0; i < place->n_prefixes; i++)
		if (place->prefixes[i].family == AF_INET6)
			write_target(out, &place->prefixes[i]);
	fputs("counter drop\n}\n", out);
}

static void write_ipv6(FILE *out)
{
	fputs("chain check_ipv6 {\n"
	      "icmpv6 type { nd-router-advert, nd-redirect } counter drop\n"
	      "icmpv6 type nd-neighbor-advert ip6 saddr @ipv6"
	      " jump check_target\n"
	      "ip6 saddr @ipv6 accept\n"
	      "ip6 saddr :: ip6 daddr ff02::/16"
	      " icmpv6 type nd-neighbor-solicit jump check_target\n"
	      "ip6 saddr :: ip6 daddr ff02::/16 icmpv6 type"
	      " { nd-router-solicit, mld-listener-report, mld2-listener-report }"
	      " accept\n"
	      "counter drop\n"
	      "}\n",
	      out);
}

/* ---- IPv4 ---- */

static void write_arp(FILE *out, const char *mac)
{
	const char *form = "arp htype 1 arp ptype ip arp hlen 6 arp plen 4 "
			   "arp saddr ether";

	fprintf(out,
		"chain check_arp {\n"
		"%s %s arp saddr ip @ipv4 accept\n"
		"%s %s arp operation request arp saddr ip 0.0.0.0"
		" arp daddr ip @ipv4 accept\n"
		"counter drop\n"
		"}\n",
		form, mac, form, mac);
}

static void write_ipv4(FILE *out)
{
	fputs("chain check_ipv4 {\n"
	      "ip saddr @ipv4 accept\n"
	      "ip saddr 0.0.0.0 ip daddr 255.255.255.255"
	      " udp sport 68 udp dport 67 accept\n"
	      "counter drop\n"
	      "}\n",
	      out);
}

/* ---- the table ---- */

/* Those of one family; first: one more, or NULL. */
static void write_set(FILE *out, const struct place *place, int family,
		      const struct prefix *first)
{
	const char *before = " elements = { ";
	char shown[PREFIX_TEXT_BYTES];
	unsigned int i;

	fprintf(out, "set %s { type %s_addr; flags interval; auto-merge;",
		family == AF_INET ? "ipv4" : "ipv6",
		family == AF_INET ? "ipv4" : "ipv6");
	if (first) {
		prefix_print(first, shown);
		fprintf(out, "%s%s", before, shown);
		before = ", ";
	}
	for (i = 0; i < place->n_prefixes; i++) {
		if (place->prefixes[i].family != family)
			continue;
		prefix_print(&place->prefixes[i], shown);
		fprintf(out, "%s%s", before, shown);
		before = ", ";
	}
	fputs(before[0] == ',' ? " } }\n" : " }\n", out);
}

/* Its policy is what counts while the rules of a new table come one by one. */
static void write_guest(FILE *out, const char *ifname, const char *mac)
{
	fprintf(out,
		"chain guest {\n"
		"type filter hook ingress device \"%s\" priority 0;"
		" policy drop;\n"
		"ether saddr != %s counter drop\n"
		"meta protocol vmap { arp : jump check_arp,"
		" ip : jump check_ipv4, ip6 : jump check_ipv6 }\n"
		"counter drop\n"
		"}\n",
		ifname, mac);
}

static void write_table(FILE *out, const struct place *place)
{
	char mac[MAC_TEXT_BYTES];
	struct prefix own;

	mac_print(place->mac, mac);
	make_link_local(place->mac, &own);
	fprintf(out, "table netdev " FENCE_MARK "%s {\n", place->ifname);
	write_set(out, place, AF_INET, NULL);
	write_set(out, place, AF_INET6, &own);
	write_arp(out, mac);
	write_ipv4(out);
	write_targets(out, place);
	write_ipv6(out);
	write_guest(out, place->ifname, mac);
	fputs("}\n", out);
}

/* To delete what is not there is an error; what was just added, is. */
static void write_end(FILE *out, const char *ifname)
{
	fprintf(out,
		"add table netdev " FENCE_MARK "%s\n"
		"delete table netdev " FENCE_MARK "%s\n",
		ifname, ifname);
}

/* place: NULL for its end alone. */
static char *write_text(const char *ifname, const struct place *place)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	if (!out)
		return NULL;
	write_end(out, ifname);
	if (place)
		write_table(out, place);
	ok = !ferror(out);
	if (fclose(out) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

char *fence_text(const struct place *place)
{
	return write_text(place->ifname, place);
}

char *fence_end_text(const char *ifname)
{
	return write_text(ifname, NULL);
}

static struct nft *run(struct nft_queue *queue, char *text, nft_cb *done,
		       void *arg, struct err *e)
{
	scoped_str commands = text;

	if (commands)
		return nft_start(queue, commands, done, arg, e);
	err_set(e, ENOMEM, "no memory for nftables' rules");
	return NULL;
}

struct nft *fence_raise(struct nft_queue *queue, const struct place *place,
			nft_cb *done, void *arg, struct err *e)
{
	return run(queue, fence_text(place), done, arg, e);
}

struct nft *fence_lower(struct nft_queue *queue, const char *ifname,
			nft_cb *done, void *arg, struct err *e)
{
	return run(queue, fence_end_text(ifname), done, arg, e);
}
