/* SPDX-License-Identifier: MIT */
/* Making a pty that knows from the start that nobody has its slave open. */
#include "daemon/host/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>

#include "base/err.h"
#include "base/scope.h"

int pty_open(char path[PTY_PATH_BYTES], struct err *e)
{
	scoped_fd fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios modes;
	int slave;

	/* On Linux the master's terminal modes are those of its slave. */
	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    tcgetattr(fd, &modes) < 0)
		return err_errno(e, errno, "cannot make a pty");
	cfmakeraw(&modes);
	if (tcsetattr(fd, TCSANOW, &modes) < 0)
		return err_errno(e, errno, "cannot make a pty raw");
	if (ptsname_r(fd, path, PTY_PATH_BYTES) != 0 || chmod(path, 0600) < 0)
		return err_errno(e, errno, "cannot make a pty root's alone");
	/*
	 * Linux reports the hang-up of a slave that nobody has open only after
	 * a first close; until then output would pile up in the pty.
	 */
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_errno(e, errno, "cannot open the pty's slave");
	close(slave);
	return fd_take(&fd);
}
