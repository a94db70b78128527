/* SPDX-License-Identifier: MIT */
/* UUIDs: strict to read, random to make. */
#include "daemon/host/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/host/hex.h"

int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES], struct err *e)
{
	static const uint8_t zero[UUID_BYTES];
	uint8_t bytes[UUID_BYTES];
	char shown[64];

	text_escape(text, shown, sizeof(shown));
	if (hex_parse(text, "8-4-4-4-66", bytes) < 0)
		return err_set(e, EINVAL,
			       "%s: not a UUID (8-4-4-4-12 hexadecimal digits)",
			       shown);
	if (memcmp(bytes, zero, UUID_BYTES) == 0)
		return err_set(e, EINVAL, "%s: the UUID of dom0", shown);
	memcpy(uuid, bytes, UUID_BYTES);
	return 0;
}

void uuid_print(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT_BYTES])
{
	const uint8_t *u = uuid;

	snprintf(text, UUID_TEXT_BYTES,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9],
		 u[10], u[11], u[12], u[13], u[14], u[15]);
}

int uuid_random(uint8_t uuid[UUID_BYTES], struct err *e)
{
	if (getrandom(uuid, UUID_BYTES, 0) != UUID_BYTES)
		return err_errno(e, errno, "cannot get random bytes");
	uuid[6] = (uuid[6] & 0x0f) | 0x40; /* version 4 */
	uuid[8] = (uuid[8] & 0x3f) | 0x80; /* variant 10 */
	return 0;
}
