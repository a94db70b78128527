/* SPDX-License-Identifier: MIT */
/* The store: requests, answers, and watches among them. */
#include "wire.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include "machine.h"

#define VALUE_MAX 4096

static int store;
static bool changed;

void wire_open(void)
{
	store = device_open("/dev/xen/xenbus", 0);
}

int wire_fd(void)
{
	return store;
}

bool wire_has_changed(void)
{
	const bool was = changed;

	changed = false;
	return was;
}

static void read_whole(void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		const ssize_t n = read(store, at, bytes);

		if (n <= 0)
			give_up("the store does not answer");
		at += n;
		bytes -= (size_t)n;
	}
}

/* One message: its type, and its text in value, which holds VALUE_MAX. */
static uint32_t hear(char *value)
{
	struct xsd_sockmsg msg;

	read_whole(&msg, sizeof(msg));
	if (msg.len >= VALUE_MAX)
		give_up("the store says too much");
	read_whole(value, msg.len);
	value[msg.len] = '\0';
	return msg.type;
}

void wire_hear_change(void)
{
	char value[VALUE_MAX];

	if (hear(value) != XS_WATCH_EVENT)
		give_up("the store answers nobody");
}

/* Asks with path, its end, and bytes of text; as hear does. */
static uint32_t ask(uint32_t type, const char *path, const char *text,
		    size_t bytes, char *value)
{
	char buffer[sizeof(struct xsd_sockmsg) + VALUE_MAX];
	const size_t path_bytes = strlen(path) + 1;
	struct xsd_sockmsg msg = {
		.type = type,
		.len = (uint32_t)(path_bytes + bytes),
	};
	uint32_t heard;

	memcpy(buffer, &msg, sizeof(msg));
	memcpy(buffer + sizeof(msg), path, path_bytes);
	if (bytes)
		memcpy(buffer + sizeof(msg) + path_bytes, text, bytes);
	if (write(store, buffer, sizeof(msg) + msg.len) < 0)
		give_up("the store does not listen");
	while ((heard = hear(value)) == XS_WATCH_EVENT)
		changed = true;
	return heard;
}

bool store_read(const char *path, char *value, size_t max)
{
	char answer[VALUE_MAX];

	if (ask(XS_READ, path, NULL, 0, answer) == XS_ERROR)
		return false;
	snprintf(value, max, "%s", answer);
	return true;
}

void store_write(const char *path, const char *value)
{
	char answer[VALUE_MAX];

	if (ask(XS_WRITE, path, value, strlen(value), answer) == XS_ERROR)
		give_up("%s: %s", path, answer);
}

void store_remove(const char *path)
{
	char answer[VALUE_MAX];

	ask(XS_RM, path, NULL, 0, answer);
}

void store_watch(const char *path)
{
	static const char token[] = "hostile";
	char answer[VALUE_MAX];

	if (ask(XS_WATCH, path, token, sizeof(token), answer) == XS_ERROR)
		give_up("%s cannot be watched: %s", path, answer);
}
