/* SPDX-License-Identifier: MIT */
/* Running the command, row by row. */
#include "tests/unit/cli_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/fake_xnd.h"

static void expect(const char *const *args, const char *what, const char *found,
		   const char *wanted)
{
	if (!wanted ? found[0] != '\0' : !strstr(found, wanted))
		fail_msg("xn %s %s: %s: \"%s\" has no \"%s\"",
			 args[0] ? args[0] : "",
			 args[0] && args[1] ? args[1] : "", what, found,
			 wanted ? wanted : "");
}

void cli_rows_run(const struct cli_row *rows, size_t n)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char out[8192], err[8192], sent[8192];
	size_t i;

	for (i = 0; i < n; i++) {
		int stdio[3] = {null, fake_xnd_file(), fake_xnd_file()};
		const char *const *args = rows[i].args;
		struct fake_xnd fake;
		int status;
		pid_t pid;

		fake_xnd_start(&fake, rows[i].replies);
		pid = fake_xnd_run(&fake, args, stdio);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		fake_xnd_stop(&fake, sent, sizeof(sent));
		fake_xnd_read(stdio[1], out, sizeof(out));
		fake_xnd_read(stdio[2], err, sizeof(err));
		expect(args, "stdout", out, rows[i].out);
		expect(args, "stderr", err, rows[i].err);
		if (rows[i].sent)
			expect(args, "sent", sent, rows[i].sent);
		if (rows[i].err && strchr(err, '\n') != err + strlen(err) - 1)
			fail_msg("not one line: %s", err);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].status);
	}
	close(null);
}
