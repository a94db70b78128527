/* SPDX-License-Identifier: MIT */
/* Raw mode of the terminal on stdin. */
#include "cli/tty.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static bool is_raw;

void tty_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	is_raw = false;
}

bool tty_raw(void)
{
	static bool registered;
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved) < 0)
		return false;
	if (!registered && atexit(tty_restore) != 0)
		return false;
	registered = true;
	raw = saved;
	cfmakeraw(&raw);
	is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	return is_raw;
}
