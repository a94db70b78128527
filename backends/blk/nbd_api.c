/* SPDX-License-Identifier: MIT */
/* Finding libnbd and its functions. */
#include "nbd_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#define LIBRARY "libnbd.so.0"

struct nbd_api nbd_api;

static bool loaded;
static char why[200] = "it has not been loaded";

#define ROW(name)                            \
	{                                    \
		"nbd_" #name, &nbd_api.name, \
	}

static const struct {
	const char *name;
	void *pointer;
} functions[] = {
	ROW(create),
	ROW(close),
	ROW(get_error),
	ROW(get_errno),
	ROW(set_export_name),
	ROW(aio_connect_socket),
	ROW(aio_disconnect),
	ROW(aio_get_fd),
	ROW(aio_get_direction),
	ROW(aio_notify_read),
	ROW(aio_notify_write),
	ROW(aio_is_dead),
	ROW(aio_is_closed),
	ROW(aio_is_ready),
	ROW(get_size),
	ROW(get_block_size),
	ROW(is_read_only),
	ROW(can_flush),
	ROW(can_fua),
	ROW(can_trim),
	ROW(aio_pread),
	ROW(aio_pwrite),
	ROW(aio_flush),
	ROW(aio_trim),
};

static bool find_all(void *library)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *found = dlsym(library, functions[i].name);

		if (!found)
			return false;
		memcpy(functions[i].pointer, &found, sizeof(found));
	}
	return true;
}

/* It stays for as long as the process. */
void nbd_api_load(void)
{
	void *library;

	if (loaded)
		return;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	loaded = library && find_all(library);
	if (!loaded)
		snprintf(why, sizeof(why), "%s", dlerror());
}

int nbd_api_check(struct err *e)
{
	if (loaded)
		return 0;
	return err_set(e, ENOPKG,
		       "image server: " LIBRARY " is needed (on Debian: "
		       "apt-get install libnbd0): %s",
		       why);
}
