/* SPDX-License-Identifier: MIT */
/*
 * libnbd, loaded only for a disk that may need it: with the libraries that it
 * brings (for TLS, XML, Unicode) it takes several times as long to load as
 * all the rest of this program, and a worker's start is a pause for a guest.
 */
#ifndef XN_BLK_NBD_API_H
#define XN_BLK_NBD_API_H

#include <libnbd.h>

struct err;

/* Its functions, without their nbd_. */
struct nbd_api {
	__typeof__(nbd_create) *create;
	__typeof__(nbd_close) *close;
	__typeof__(nbd_get_error) *get_error;
	__typeof__(nbd_get_errno) *get_errno;
	__typeof__(nbd_set_export_name) *set_export_name;
	__typeof__(nbd_aio_connect_socket) *aio_connect_socket;
	__typeof__(nbd_aio_disconnect) *aio_disconnect;
	__typeof__(nbd_aio_get_fd) *aio_get_fd;
	__typeof__(nbd_aio_get_direction) *aio_get_direction;
	__typeof__(nbd_aio_notify_read) *aio_notify_read;
	__typeof__(nbd_aio_notify_write) *aio_notify_write;
	__typeof__(nbd_aio_is_dead) *aio_is_dead;
	__typeof__(nbd_aio_is_closed) *aio_is_closed;
	__typeof__(nbd_aio_is_ready) *aio_is_ready;
	__typeof__(nbd_get_size) *get_size;
	__typeof__(nbd_get_block_size) *get_block_size;
	__typeof__(nbd_is_read_only) *is_read_only;
	__typeof__(nbd_can_flush) *can_flush;
	__typeof__(nbd_can_fua) *can_fua;
	__typeof__(nbd_can_trim) *can_trim;
	__typeof__(nbd_aio_pread) *aio_pread;
	__typeof__(nbd_aio_pwrite) *aio_pwrite;
	__typeof__(nbd_aio_flush) *aio_flush;
	__typeof__(nbd_aio_trim) *aio_trim;
};

/* Fit for use once nbd_api_check has said so. */
extern struct nbd_api nbd_api;

/* Before confinement. May be repeated. */
void nbd_api_load(void);

/* 0, or -ENOPKG with *e set: it has not been loaded, or could not be. */
int nbd_api_check(struct err *e);

#endif
