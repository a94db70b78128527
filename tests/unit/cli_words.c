/* SPDX-License-Identifier: MIT */
/* Reading words, as the *-set verbs do. */
#include "tests/unit/cli_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"

void cli_words_check(int (*read)(const char *word, struct json *params,
				 struct err *e),
		     const char *const *words, const char *result)
{
	struct json *params = json_new_object();
	struct err e = {0};
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && words[i]; i++)
		rc = read(words[i], params, &e);
	if (rc == 0) {
		scoped_str text = json_print(params, false);

		assert_string_equal(text, result);
	} else if (result[0] == '{' || !strstr(e.text, result)) {
		fail_msg("%s: %s", words[0], e.text);
	}
	json_free(params);
}
