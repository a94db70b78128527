/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target is a file tests/fuzz/NAME.c with one
 * fuzz_one(): it feeds an input to a piece of the product and holds it to a
 * promise, which more than the absence of a crash is. Linked with libFuzzer
 * it searches; linked with replay.c it goes through its kept inputs.
 */
#ifndef XN_FUZZ_FUZZ_H
#define XN_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An input, taken from its beginning piece by piece. */
struct input {
	const uint8_t *at; /* borrowed */
	size_t left;
};

/* The target's. Must leave nothing behind that the next input could see. */
void fuzz_one(struct input *in);

/*
 * Ends the program, saying what was promised, when ok is false. A failure
 * under libFuzzer is written to a file with the input that caused it.
 */
#define promise(ok, ...) \
	((ok) ? (void)0 : promise_broken(__FILE__, __LINE__, __VA_ARGS__))

void promise_broken(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Little-endian; what is missing at the end reads as 0. */
uint8_t input_u8(struct input *in);
uint16_t input_u16(struct input *in);
uint32_t input_u32(struct input *in);
uint64_t input_u64(struct input *in);
void input_bytes(struct input *in, void *to, size_t size);

/* All that is left, borrowed; *size bytes. */
const uint8_t *input_rest(struct input *in, size_t *size);

#endif
