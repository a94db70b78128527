/* SPDX-License-Identifier: MIT */
/* MAC addresses and UUIDs: what is one, what is not, and what is made. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/mac.h"
#include "daemon/host/uuid.h"

/* why: part of the refusal, or NULL for what is accepted. */
static const struct {
	const char *text;
	const char *why;
} macs[] = {
	{"00:16:3e:01:02:03", NULL},
	{"00:16:3E:aB:Cd:eF", NULL},
	{"02:00:00:00:00:00", NULL},
	{"00:00:00:00:00:01", NULL},
	{"fe:ff:ff:ff:ff:fe", NULL},
	{"fe:ff:ff:ff:ff:ff", "host's side"},
	{"FE:FF:FF:FF:FF:FF", "host's side"},
	{"00:00:00:00:00:00", "nobody's"},
	{"01:16:3e:01:02:03", "multicast"},
	{"ff:ff:ff:ff:ff:ff", "multicast"},
	{"", "not a MAC"},
	{"00", "not a MAC"},
	{"0", "not a MAC"},
	{"00:16:3e:01:02", "not a MAC"},
	{"00:16:3e:01:02:", "not a MAC"},
	{"00:16:3e:01:02:0", "not a MAC"},
	{"00:16:3e:01:02:03:", "not a MAC"},
	{"00:16:3e:01:02:03:04", "not a MAC"},
	{"00:16:3e:01:02:03 ", "not a MAC"},
	{" 00:16:3e:01:02:03", "not a MAC"},
	{"00-16-3e-01-02-03", "not a MAC"},
	{"0:16:3e:01:02:03", "not a MAC"},
	{"00:16:3e:01:02:0g", "not a MAC"},
	{"00:16:3e:01:02:+3", "not a MAC"},
	{"00163e010203", "not a MAC"},
	{"00:16:3e:01:02:\n3", "\\x0a3: not a MAC"},
};

static void test_mac_parse(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		uint8_t mac[MAC_BYTES] = {1, 2, 3, 4, 5, 6};
		const uint8_t was[MAC_BYTES] = {1, 2, 3, 4, 5, 6};
		char text[MAC_TEXT_BYTES];
		struct err e;
		int rc = mac_parse(macs[i].text, mac, &e);

		if (macs[i].why) {
			assert_int_equal(rc, -EINVAL);
			assert_non_null(strstr(e.text, macs[i].why));
			assert_memory_equal(mac, was, MAC_BYTES);
			continue;
		}
		assert_int_equal(rc, 0);
		mac_print(mac, text);
		assert_int_equal(strcasecmp(text, macs[i].text), 0);
	}
}

static void test_mac_bytes(void **state)
{
	const uint8_t want[MAC_BYTES] = {0x00, 0x16, 0x3e, 0xa1, 0xb2, 0xc3};
	uint8_t mac[MAC_BYTES];
	char text[MAC_TEXT_BYTES];
	struct err e;

	(void)state;
	assert_int_equal(mac_parse("00:16:3E:A1:B2:C3", mac, &e), 0);
	assert_memory_equal(mac, want, MAC_BYTES);
	mac_print(mac, text);
	assert_string_equal(text, "00:16:3e:a1:b2:c3");
}

static void test_mac_random(void **state)
{
	const uint8_t oui[] = {0x00, 0x16, 0x3e};
	uint8_t seen[8][MAC_BYTES];
	char text[MAC_TEXT_BYTES];
	struct err e;
	int i, j;

	(void)state;
	/* 8 of 2^24: two alike once in 600 000 runs; four tries, never. */
	for (i = 0; i < 8; i++) {
		int tries = 4;

		do {
			assert_int_equal(mac_random(seen[i], &e), 0);
			assert_memory_equal(seen[i], oui, sizeof(oui));
			for (j = 0; j < i; j++)
				if (!memcmp(seen[i], seen[j], MAC_BYTES))
					break;
		} while (j < i && --tries);
		assert_int_not_equal(tries, 0);
		mac_print(seen[i], text);
		assert_int_equal(mac_parse(text, seen[i], &e), 0);
	}
}

static const struct {
	const char *text;
	const char *why;
} uuids[] = {
	{"00112233-4455-6677-8899-aabbccddeeff", NULL},
	{"00112233-4455-6677-8899-AABBCCDDEEFF", NULL},
	{"00000000-0000-0000-0000-000000000001", NULL},
	{"00000000-0000-0000-0000-000000000000", "dom0"},
	{"", "not a UUID"},
	{"00112233445566778899aabbccddeeff", "not a UUID"},
	{"00112233-4455-6677-8899-aabbccddeef", "not a UUID"},
	{"00112233-4455-6677-8899-aabbccddeeff0", "not a UUID"},
	{"00112233-4455-6677-8899-aabbccddeefg", "not a UUID"},
	{"{0112233-4455-6677-8899-aabbccddeeff}", "not a UUID"},
	{"001122334-455-6677-8899-aabbccddeeff", "not a UUID"},
	{"00112233-4455-6677-8899aabb-ccddeeff", "not a UUID"},
	{"00112233_4455_6677_8899_aabbccddeeff", "not a UUID"},
};

static void test_uuid_parse(void **state)
{
	const uint8_t want[UUID_BYTES] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
					  0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
					  0xcc, 0xdd, 0xee, 0xff};
	uint8_t uuid[UUID_BYTES];
	char text[UUID_TEXT_BYTES];
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(uuids) / sizeof(uuids[0]); i++) {
		int rc = uuid_parse(uuids[i].text, uuid, &e);

		if (uuids[i].why) {
			assert_int_equal(rc, -EINVAL);
			assert_non_null(strstr(e.text, uuids[i].why));
			continue;
		}
		assert_int_equal(rc, 0);
		uuid_print(uuid, text);
		assert_int_equal(strcasecmp(text, uuids[i].text), 0);
	}
	assert_int_equal(uuid_parse(uuids[0].text, uuid, &e), 0);
	assert_memory_equal(uuid, want, UUID_BYTES);
}

static void test_uuid_random(void **state)
{
	uint8_t a[UUID_BYTES], b[UUID_BYTES];
	char text[UUID_TEXT_BYTES];
	struct err e;

	(void)state;
	assert_int_equal(uuid_random(a, &e), 0);
	assert_int_equal(uuid_random(b, &e), 0);
	assert_memory_not_equal(a, b, UUID_BYTES);
	uuid_print(a, text);
	assert_int_equal(text[14], '4');
	assert_non_null(strchr("89ab", text[19]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mac_parse),
		cmocka_unit_test(test_mac_bytes),
		cmocka_unit_test(test_mac_random),
		cmocka_unit_test(test_uuid_parse),
		cmocka_unit_test(test_uuid_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
