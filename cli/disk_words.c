/* SPDX-License-Identifier: MIT */
/*
 * What a word stands for depends on the words before it and is libxlutil's to
 * say. So one that it does not know is given to it as two that it does: when
 * they make a difference, and the right one, that is what the word is for.
 */
#include "cli/disk_words.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"

#define BLANKS " \t\n"
#define ALL    SIZE_MAX

static int access_of(const libxl_device_disk *disk)
{
	return disk->readwrite;
}

static int format_of(const libxl_device_disk *disk)
{
	return disk->format;
}

/* Words of one kind, and two that libxlutil knows; the second goes to it. */
struct kind {
	const char *key;
	const char *words[4]; /* ends with NULL */
	const char *known[2];
	int (*value)(const libxl_device_disk *disk);
};

static const struct kind accesses = {
	"access=", {"w!", "!"}, {"r", "w"}, access_of};
static const struct kind formats = {
	"format=", {"vhdx", "vmdk", "vdi"}, {"qcow2", "qed"}, format_of};

static int parse(size_t count, char *const *specs, libxl_device_disk *disk,
		 char **report)
{
	size_t size;
	FILE *out = open_memstream(report, &size);
	XLU_Config *xlu = NULL;
	int r = ENOMEM;

	if (!out)
		return ENOMEM;
	xlu = xlu_cfg_init(out, "disk");
	if (xlu)
		r = xlu_disk_parse(xlu, (int)count, (const char *const *)specs,
				   disk);
	if (xlu)
		xlu_cfg_destroy(xlu);
	fclose(out);
	return r;
}

/* ---- flags: the same wherever they stand ---- */

/* Is the word that begins there, and is so long, this flag? */
static bool is_flag(const char *at, size_t length, const char *flag)
{
	size_t blanks = strspn(at, BLANKS);

	return blanks <= length && length - blanks == strlen(flag) &&
	       memcmp(at + blanks, flag, strlen(flag)) == 0;
}

/* spec without "trusted" and "untrusted"; the caller frees it. */
static char *without_flags(const char *spec, bool *untrusted)
{
	char *copy = strdup(spec);
	char *to = copy;

	while (copy && *spec) {
		size_t length = strcspn(spec, ",");

		/* By this name the target is all the rest. */
		if (text_begins(spec + strspn(spec, BLANKS), "target="))
			length = strlen(spec);
		if (is_flag(spec, length, "trusted"))
			*untrusted = false;
		else if (is_flag(spec, length, "untrusted"))
			*untrusted = true;
		else
			to = mempcpy(to, spec, length + (spec[length] == ','));
		spec += length + (spec[length] == ',');
	}
	if (copy)
		*to = '\0';
	return copy;
}

/* ---- words of a kind ---- */

/*
 * The word of kind k that begins at at, or NULL. *skip: how many bytes, blanks
 * and perhaps the key, come before it.
 */
static const char *find_word(const char *at, const struct kind *k, size_t *skip)
{
	const size_t length = strcspn(at, ",");
	size_t i;

	*skip = strspn(at, BLANKS);
	if (text_begins(at + *skip, k->key))
		*skip += strlen(k->key);
	for (i = 0; k->words[i]; i++)
		if (*skip + strlen(k->words[i]) == length &&
		    text_begins(at + *skip, k->words[i]))
			return k->words[i];
	return NULL;
}

/*
 * spec with word number which of it, or ALL, as known, if it is of kind k,
 * which is *found then. The caller frees it.
 */
static char *replace(const char *spec, const struct kind *k, size_t which,
		     const char *known, const char **found)
{
	char *text = NULL;
	size_t size, n;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (n = 0;; n++) {
		size_t length = strcspn(spec, ","), skip;
		const char *word = find_word(spec, k, &skip);

		if (word && (which == ALL || which == n)) {
			*found = word;
			fprintf(out, "%.*s%s", (int)skip, spec, known);
		} else {
			fprintf(out, "%.*s", (int)length, spec);
		}
		spec += length;
		if (!*spec)
			break;
		fputc(*spec++, out);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void drop_specs(char **specs, size_t count)
{
	size_t i;

	for (i = 0; specs && i < count; i++)
		free(specs[i]);
	free(specs);
}

/*
 * What is to be read when word number which of specification of is known
 * instead, and each of the other kind one that will do. INT_MIN: nothing.
 */
static int value_with(const struct disk_words *w, const struct kind *k,
		      size_t of, size_t which, const char *known)
{
	const struct kind *other = k == &formats ? &accesses : &formats;
	char **specs = calloc(w->count + 1, sizeof(*specs));
	scoped_str report = NULL;
	libxl_device_disk disk;
	const char *found;
	int value = INT_MIN;
	bool ok = specs;
	size_t i;

	for (i = 0; ok && i < w->count; i++) {
		scoped_str spec =
			i == of ? replace(w->specs[i], k, which, known, &found)
				: text_format("%s", w->specs[i]);

		if (spec)
			specs[i] = replace(spec, other, ALL, other->known[1],
					   &found);
		ok = specs[i];
	}
	libxl_device_disk_init(&disk);
	if (ok && parse(w->count, specs, &disk, &report) == 0)
		value = k->value(&disk);
	libxl_device_disk_dispose(&disk);
	drop_specs(specs, w->count);
	return value;
}

/*
 * Takes the word of kind k that is of its kind where it stands, and not a
 * target's name, say. NULL: there is none.
 */
static const char *take_word(struct disk_words *w, const struct kind *k,
			     size_t of)
{
	const char *at = w->specs[of];
	const char *found = NULL;
	size_t n, skip;
	char *spec;
	int values[2];

	for (n = 0; at; n++) {
		const char *word = find_word(at, k, &skip);

		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
		if (!word)
			continue;
		values[0] = value_with(w, k, of, n, k->known[0]);
		values[1] = value_with(w, k, of, n, k->known[1]);
		if (values[0] == INT_MIN || values[1] == INT_MIN ||
		    values[0] == values[1])
			continue;
		spec = replace(w->specs[of], k, n, k->known[1], &found);
		if (!spec)
			return NULL;
		free(w->specs[of]);
		w->specs[of] = spec;
		return found;
	}
	return NULL;
}

/* ---- public ---- */

int disk_words_take(struct disk_words *w, size_t count,
		    const char *const *specs, struct err *e)
{
	size_t i;

	*w = (struct disk_words){.count = count};
	if (count > INT_MAX)
		return err_set(e, E2BIG, "too many words");
	w->specs = calloc(count + 1, sizeof(*w->specs));
	for (i = 0; w->specs && i < count; i++) {
		w->specs[i] = without_flags(specs[i], &w->untrusted);
		if (!w->specs[i])
			break;
	}
	if (!w->specs || i < count)
		return err_set(e, ENOMEM, "no memory for a disk");
	for (i = 0; i < count && !w->unchecked; i++)
		w->unchecked = take_word(w, &accesses, i);
	for (i = 0; i < count && !w->format; i++)
		w->format = take_word(w, &formats, i);
	return 0;
}

void disk_words_drop(struct disk_words *w)
{
	drop_specs(w->specs, w->count);
	*w = (struct disk_words){0};
}

int disk_words_parse(const struct disk_words *w, libxl_device_disk *disk,
		     char **report)
{
	return parse(w->count, w->specs, disk, report);
}
