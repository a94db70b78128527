/* SPDX-License-Identifier: MIT */
/* The grammar of vlan=: terms of one VLAN, of a range, of a row of steps. */
#include "daemon/net/vlan.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

/* A row of VLANs: first, first + step, … */
struct term {
	unsigned int first;
	unsigned int step;
	unsigned int count;
	char flag; /* 'p', 'u' or NUL */
};

static void put(uint8_t *bits, unsigned int id)
{
	bits[id / 8] |= (uint8_t)(1u << id % 8);
}

static bool has(const uint8_t *bits, unsigned int id)
{
	return id <= VLAN_ID_MAX && (bits[id / 8] >> id % 8 & 1);
}

bool vlan_passes(const struct vlans *v, unsigned int id)
{
	return has(v->in, id);
}

bool vlan_untagged(const struct vlans *v, unsigned int id)
{
	return has(v->untagged, id);
}

bool vlan_is_one(const struct vlans *v)
{
	unsigned int id;

	for (id = 1; id <= VLAN_ID_MAX; id++)
		if (vlan_passes(v, id) && id != v->pvid)
			return false;
	return true;
}

/* ---- reading ---- */

/* Five digits at most: nothing here is larger than VLAN_ID_MAX. */
static bool take_number(const char **at, unsigned int *n)
{
	const char *from = *at;

	*n = 0;
	while (isdigit((unsigned char)**at) && *at - from < 5)
		*n = *n * 10 + (unsigned int)(*(*at)++ - '0');
	return *at != from && !isdigit((unsigned char)**at);
}

static bool take(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool take_term(const char **at, struct term *t)
{
	unsigned int last;

	*t = (struct term){.step = 1, .count = 1};
	if (!take_number(at, &t->first))
		return false;
	if (take(at, '-')) {
		if (!take_number(at, &last) || last < t->first)
			return false;
		t->count = last - t->first + 1;
	} else if (take(at, '+')) {
		if (!take_number(at, &t->step) || !take(at, 'x') ||
		    !take_number(at, &t->count))
			return false;
	} else if (take(at, 'p')) {
		t->flag = 'p';
	}
	if (!t->flag && take(at, 'u'))
		t->flag = 'u';
	return t->step > 0 && t->count > 0 && (**at == '/' || !**at);
}

static int add(struct vlans *v, unsigned int id, char flag, struct err *e)
{
	if (id < 1 || id > VLAN_ID_MAX)
		return err_set(e, EINVAL, "VLAN %u is not from 1 to 4094", id);
	if (has(v->in, id))
		return err_set(e, EINVAL, "VLAN %u is named twice", id);
	if (flag == 'p' && v->pvid)
		return err_set(e, EINVAL, "both %up and %up: there is one PVID",
			       v->pvid, id);
	put(v->in, id);
	if (flag)
		put(v->untagged, id);
	if (flag == 'p')
		v->pvid = (uint16_t)id;
	return 0;
}

static int add_term(struct vlans *v, const struct term *t, struct err *e)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (add(v, t->first + i * t->step, t->flag, e) < 0)
			return -e->code;
	return 0;
}

/* The only VLAN, or 0. */
static unsigned int only(const struct vlans *v)
{
	unsigned int id, found = 0;

	for (id = 1; id <= VLAN_ID_MAX; id++) {
		if (has(v->in, id) && found)
			return 0;
		if (has(v->in, id))
			found = id;
	}
	return found;
}

static size_t print(const struct vlans *v, char *text, size_t size);

static int parse(const char *text, struct vlans *v, struct err *e)
{
	const char *at = text;
	struct term t;

	do {
		const char *from = at;
		char shown[64];

		if (!take_term(&at, &t))
			return err_set(e, EINVAL,
				       "\"%s\" is no VLAN such as 10, 10p, "
				       "10u, 20-30 or 100+10x4",
				       text_escape(from, shown, sizeof(shown)));
		if (add_term(v, &t, e) < 0)
			return -e->code;
	} while (take(&at, '/'));
	if (!v->pvid) {
		v->pvid = (uint16_t)only(v);
		put(v->untagged, v->pvid);
	}
	if (!v->pvid)
		return err_set(e, EINVAL,
			       "which of its VLANs are frames without a tag "
			       "in? Put a p behind that one");
	if (print(v, NULL, 0) >= VLAN_TEXT_BYTES)
		return err_set(e, EINVAL,
			       "its VLANs are too scattered: to say them "
			       "takes more than %d characters",
			       VLAN_TEXT_BYTES - 1);
	return 0;
}

int vlan_parse(const char *text, struct vlans *v, struct err *e)
{
	struct vlans read = {0};

	if (parse(text, &read, e) < 0)
		return -e->code;
	*v = read;
	return 0;
}

/* ---- printing ---- */

static char flag_of(const struct vlans *v, unsigned int id)
{
	if (id == v->pvid)
		return 'p';
	return has(v->untagged, id) ? 'u' : '\0';
}

/* The next of the same flag that is not yet said; 0: none. */
static unsigned int next(const struct vlans *v, const struct vlans *said,
			 unsigned int id)
{
	char flag = flag_of(v, id);

	while (++id <= VLAN_ID_MAX)
		if (has(v->in, id) && !has(said->in, id) &&
		    flag_of(v, id) == flag)
			return id;
	return 0;
}

/*
 * The longest row that begins with first and its next one. Two that are no
 * neighbours are shorter said one by one.
 */
static struct term term_from(const struct vlans *v, const struct vlans *said,
			     unsigned int first)
{
	struct term t = {first, 1, 1, flag_of(v, first)};
	unsigned int id = next(v, said, first);

	if (!id || t.flag == 'p')
		return t;
	t.step = id - first;
	for (; id <= VLAN_ID_MAX && has(v->in, id) && !has(said->in, id) &&
	       flag_of(v, id) == t.flag;
	     id += t.step)
		t.count++;
	if (t.count == 2 && t.step > 1)
		t.count = 1;
	return t;
}

/* As snprintf: what it would take, without the NUL. */
static size_t print_term(const struct term *t, char *out, size_t size)
{
	const char flag[] = {t->flag, '\0'};
	int n;

	if (t->count == 1)
		n = snprintf(out, size, "%u%s", t->first, flag);
	else if (t->step == 1)
		n = snprintf(out, size, "%u-%u%s", t->first,
			     t->first + t->count - 1, flag);
	else
		n = snprintf(out, size, "%u+%ux%u%s", t->first, t->step,
			     t->count, flag);
	return (size_t)n;
}

/* Likewise. */
static size_t print(const struct vlans *v, char *text, size_t size)
{
	struct vlans said = {0};
	size_t used = 0;
	unsigned int id, i;

	for (id = 1; id <= VLAN_ID_MAX; id++) {
		struct term t;
		char word[24];

		if (!has(v->in, id) || has(said.in, id))
			continue;
		t = term_from(v, &said, id);
		for (i = 0; i < t.count; i++)
			put(said.in, id + i * t.step);
		print_term(&t, word, sizeof(word));
		if (used < size)
			snprintf(text + used, size - used, "%s%s",
				 used ? "/" : "", word);
		used += strlen(word) + (used > 0);
	}
	return used;
}

void vlan_print(const struct vlans *v, char text[VLAN_TEXT_BYTES])
{
	text[0] = '\0';
	print(v, text, VLAN_TEXT_BYTES);
}
