/* SPDX-License-Identifier: MIT */
/* Where a value ends, by its brackets alone; each byte is looked at once. */
#include "json/json.h"

/* What one byte outside of a string does. True when the value ends with it. */
static bool step(struct json_scan *s, char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return false;
	case '{':
	case '[':
		s->depth++;
		return false;
	case '}':
	case ']':
		return s->depth <= 1;
	case '"':
		s->in_string = s->depth > 0;
		return s->depth == 0;
	default:
		return s->depth == 0;
	}
}

static void step_string(struct json_scan *s, char c)
{
	if (s->escaped)
		s->escaped = false;
	else if (c == '\\')
		s->escaped = true;
	else if (c == '"')
		s->in_string = false;
}

size_t json_scan_end(struct json_scan *s, const char *text, size_t size)
{
	while (s->seen < size) {
		char c = text[s->seen++];

		if (s->in_string)
			step_string(s, c);
		else if (step(s, c))
			return s->seen;
		else if (c == '}' || c == ']')
			s->depth--;
	}
	return 0;
}
