/* SPDX-License-Identifier: MIT */
/* Prefixes, strict to read. */
#include "daemon/net/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/text.h"

unsigned int prefix_bits_max(const struct prefix *p)
{
	return p->family == AF_INET ? 32 : 128;
}

static int bad(struct err *e, const char *text, const char *why)
{
	char shown[PREFIX_TEXT_BYTES];

	text_escape(text, shown, sizeof(shown));
	return err_set(e, EINVAL, "\"%s\" %s", shown, why);
}

/* Clears what is behind the first bits. */
static void cut(struct prefix *p)
{
	unsigned int max = prefix_bits_max(p), bit;

	for (bit = p->bits; bit < max; bit++)
		p->bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
}

static int read_bits(const char *text, const char *digits, struct prefix *p,
		     struct err *e)
{
	char one[INET6_ADDRSTRLEN], all[PREFIX_TEXT_BYTES];
	struct prefix whole = *p;
	uint32_t bits;

	if (num_parse_u32(digits, prefix_bits_max(p), &bits) < 0)
		return bad(e, text,
			   p->family == AF_INET
				   ? "must have a number up to 32 behind its /"
				   : "must have a number up to 128 behind "
				     "its /");
	inet_ntop(p->family, p->bytes, one, sizeof(one));
	p->bits = (uint8_t)bits;
	cut(p);
	if (memcmp(p->bytes, whole.bytes, sizeof(whole.bytes)) == 0)
		return 0;
	prefix_print(p, all);
	return err_set(e, EINVAL,
		       "%s/%u has bits set behind the first %u: say %s for "
		       "that address alone, or %s for all of them",
		       one, bits, bits, one, all);
}

int prefix_parse(const char *text, struct prefix *p, struct err *e)
{
	size_t length = strcspn(text, "/");
	char address[INET6_ADDRSTRLEN] = "";
	struct prefix read = {.family = AF_INET};

	if (length < sizeof(address))
		memcpy(address, text, length);
	if (strchr(address, ':'))
		read.family = AF_INET6;
	if (inet_pton(read.family, address, read.bytes) != 1)
		return bad(e, text,
			   "is no address such as 192.0.2.7, 192.0.2.0/24 or "
			   "2001:db8::/64");
	read.bits = (uint8_t)prefix_bits_max(&read);
	if (text[length] && read_bits(text, text + length + 1, &read, e) < 0)
		return -e->code;
	*p = read;
	return 0;
}

void prefix_print(const struct prefix *p, char text[PREFIX_TEXT_BYTES])
{
	size_t used;

	inet_ntop(p->family, p->bytes, text, PREFIX_TEXT_BYTES);
	used = strlen(text);
	if (p->bits < prefix_bits_max(p))
		snprintf(text + used, PREFIX_TEXT_BYTES - used, "/%u", p->bits);
}

bool prefix_covers(const struct prefix *a, const struct prefix *b)
{
	struct prefix common = *b;

	if (a->family != b->family || a->bits > b->bits)
		return false;
	common.bits = a->bits;
	cut(&common);
	return memcmp(common.bytes, a->bytes, sizeof(a->bytes)) == 0;
}
