/* SPDX-License-Identifier: MIT */
/* Taking inputs apart, and the end of a program whose promise is broken. */
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libFuzzer's and replay.c's way in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* libFuzzer closes standard error to the log lines of the product. */
static int error_fd = STDERR_FILENO;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int fd = dup(STDERR_FILENO);

	(void)argc;
	(void)argv;
	if (fd >= 0)
		error_fd = fd;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	fuzz_one(&in);
	return 0;
}

void promise_broken(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	dprintf(error_fd, "%s:%d: broken promise: ", file, line);
	va_start(args, fmt);
	vdprintf(error_fd, fmt, args);
	va_end(args);
	dprintf(error_fd, "\n");
	abort();
}

void input_bytes(struct input *in, void *to, size_t size)
{
	size_t n = size < in->left ? size : in->left;

	if (n)
		memcpy(to, in->at, n);
	memset((char *)to + n, 0, size - n);
	in->at += n;
	in->left -= n;
}

uint8_t input_u8(struct input *in)
{
	uint8_t v;

	input_bytes(in, &v, sizeof(v));
	return v;
}

uint16_t input_u16(struct input *in)
{
	uint16_t v;

	input_bytes(in, &v, sizeof(v));
	return v;
}

uint32_t input_u32(struct input *in)
{
	uint32_t v;

	input_bytes(in, &v, sizeof(v));
	return v;
}

uint64_t input_u64(struct input *in)
{
	uint64_t v;

	input_bytes(in, &v, sizeof(v));
	return v;
}

const uint8_t *input_rest(struct input *in, size_t *size)
{
	const uint8_t *rest = in->at;

	*size = in->left;
	in->at += in->left;
	in->left = 0;
	return rest;
}
