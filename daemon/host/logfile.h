/* SPDX-License-Identifier: MIT */
/* Log files of guests' consoles. */
#ifndef XN_HOST_LOGFILE_H
#define XN_HOST_LOGFILE_H

#define LOGFILE_PATH_BYTES 512

struct err;

/*
 * Opens DIR/guest-NAME.log to append to, made with mode 0640 when missing,
 * and DIR with 0750 (its parent must exist). A symbolic link in the file's
 * place is refused, and whatever is not a regular file. Puts the file's name
 * into path. Returns the descriptor, close-on-exec, or -errno with *e set.
 */
int logfile_open(const char *dir, const char *guest_name,
		 char path[LOGFILE_PATH_BYTES], struct err *e);

#endif
