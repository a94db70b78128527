/* SPDX-License-Identifier: MIT */
/*
 * A real NBD server for tests, nbdkit or qemu-nbd, listening on the socket
 * "nbd" in the scratch folder, which is the working directory. One at a time.
 */
#ifndef XN_TESTS_NBD_SERVER_H
#define XN_TESTS_NBD_SERVER_H

#include <stdint.h>

/*
 * Starts it, and returns once it listens. arguments: as for a shell, after
 * those that say where it listens.
 */
void nbdkit_start(const char *arguments);
void qemu_nbd_start(const char *arguments);

void nbd_server_tell(int signal);

/* Ends it by this signal and waits for that. Fine when there is none. */
void nbd_server_end(int signal);

/* A new connection to it. */
int nbd_server_connect(void);

#endif
