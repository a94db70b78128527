/* SPDX-License-Identifier: MIT */
/* Looking methods up by name. */
#include "rpc/method.h"

#include <string.h>

static const char *const names[METHOD_COUNT] = {
#define METHOD_NAME(symbol, name, help) [METHOD_##symbol] = name,
	XN_METHODS(METHOD_NAME)
#undef METHOD_NAME
};

enum method method_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < METHOD_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return (enum method)i;
}

const char *method_name(enum method m)
{
	return m < METHOD_COUNT ? names[m] : "unknown";
}
