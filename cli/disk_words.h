/* SPDX-License-Identifier: MIT */
/*
 * The words of a disk's specification in the dialect of xl.cfg, and those of
 * them that libxlutil does not know: "trusted" and "untrusted" (of newer
 * ones), "w!" and "!", and the formats that it has no number for.
 */
#ifndef XN_CLI_DISK_WORDS_H
#define XN_CLI_DISK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <libxlutil.h>

struct err;

struct disk_words {
	size_t count;
	char **specs; /* owned, as is each: in words that libxlutil knows */
	bool unchecked, untrusted;
	const char *format; /* that stands for another there, or NULL */
};

/*
 * 0 or -errno with *e set. Either way *w is to be dropped. That there are
 * other words that nobody knows is for disk_words_parse to find out.
 */
int disk_words_take(struct disk_words *w, size_t count,
		    const char *const *specs, struct err *e);
void disk_words_drop(struct disk_words *w);

/*
 * 0 or an errno. disk: initialised, and to be disposed of. *report, which the
 * caller frees, is what libxlutil had to say, or NULL.
 */
int disk_words_parse(const struct disk_words *w, libxl_device_disk *disk,
		     char **report);

#endif
