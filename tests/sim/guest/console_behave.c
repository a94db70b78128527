/* SPDX-License-Identifier: MIT */
/* The console used, flooded, and lied about; the last ends it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/console.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"
#include "xen/abi.h"

#define REST_MS	      100
#define LINE_BYTES    40
#define LINES_AT_ONCE 100

/* Waits for the reader only when the ring is full. */
static int lines(struct scene *s, const struct step *step, struct err *e)
{
	char text[LINE_BYTES * LINES_AT_ONCE + 1];
	size_t bytes = 0;
	unsigned int i;

	for (i = 1; i <= step->number; i++) {
		bytes += (size_t)snprintf(text + bytes, LINE_BYTES + 1,
					  "line %u of %u\n", i, step->number);
		if (i % LINES_AT_ONCE && i < step->number)
			continue;
		bytes = 0;
		if (console_print(s->console, text, e) < 0)
			return -e->code;
	}
	return 0;
}

/* As fast as it is read, without looking: the reader sets the pace. */
static int flood(struct scene *s, const struct step *step, struct err *e)
{
	char bytes[2049];

	memset(bytes, 'x', sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = '\0';
	for (unsigned int i = 0; i < step->number; i++)
		if (console_print(s->console, bytes, e) < 0)
			return -e->code;
	return console_print(s->console, "\n", e);
}

static int control_bytes(struct scene *s, const struct step *step,
			 struct err *e)
{
	char bytes[256];
	unsigned int i;

	(void)step;
	for (i = 0; i < 255; i++)
		bytes[i] = (char)(i + 1);
	bytes[255] = '\0';
	return console_print(s->console, bytes, e);
}

static int storm(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;

	(void)e;
	for (i = 0; i < step->number; i++)
		console_ring(s->console);
	return 0;
}

/* The console fails, and it alone. */
static int index_lied(struct scene *s, const struct step *step, struct err *e)
{
	struct xencons_interface *page = console_page(s->console);
	uint32_t cons;

	if (step->index.rx)
		page->in_cons = page->in_prod + step->index.by;
	else
		page->out_prod = page->out_cons + step->index.by;
	cons = page->out_cons;
	s->console_lost = true;
	console_ring(s->console);
	guest_rest(s->guest, REST_MS);
	if (page->out_cons != cons)
		return err_set(e, EBADMSG, "impossible output was taken");
	return 0;
}

static const struct step behaviour[] = {
	{"a thousand lines", lines, .number = 1000},
	{"every byte but 0", control_bytes, .number = 0},
	{"100 KB without a pause", flood, .number = 50},
	{"20000 events without a byte: others go on", storm, .number = 20000},
};

static const struct step output_lies[] = {
	{"more output than the ring holds: the console fails alone", index_lied,
	 .index = {.by = 2049}},
};

static const struct step input_lies[] = {
	{"input read that never came: the console fails alone", index_lied,
	 .index = {.rx = true, .by = 1}},
};

const struct script console_behave =
	SCRIPT("console", "the console, used and flooded", behaviour);
const struct script console_lies = SCRIPT(
	"console-lies", "an impossible index of the output", output_lies);
const struct script console_input_lies = SCRIPT(
	"console-input-lies", "an impossible index of the input", input_lies);
