/* SPDX-License-Identifier: MIT */
/* Reading xnd.conf: one table of keys, one parser a kind of value. */
#include "daemon/config.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "base/text.h"
#include "chan/msg.h"
#include "daemon/worker/users.h"

#define TIMEOUT_MAX_S 86400

/*
 * Stores text at field when it is a possible value. 0, or -errno with *e
 * naming what is wrong with it.
 */
typedef int value_parser(const char *text, void *field, struct err *e);

static int string_store(const char *text, char **field, struct err *e)
{
	char *copy = strdup(text);

	if (!copy)
		return err_set(e, ENOMEM, "no memory for a value");
	free(*field);
	*field = copy;
	return 0;
}

static int parse_path(const char *text, void *field, struct err *e)
{
	if (text[0] != '/')
		return err_set(e, EINVAL, "is not an absolute path");
	return string_store(text, field, e);
}

static int parse_socket(const char *text, void *field, struct err *e)
{
	const size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (strlen(text) > max)
		return err_set(
			e, EINVAL,
			"is longer than the %zu bytes of a socket's path", max);
	return parse_path(text, field, e);
}

static int parse_interface(const char *text, void *field, struct err *e)
{
	if (strlen(text) >= IFNAMSIZ || strpbrk(text, "/: \t") ||
	    strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return err_set(e, EINVAL, "cannot be an interface's name");
	return string_store(text, field, e);
}

static int parse_seconds(const char *text, void *field, struct err *e)
{
	uint32_t v;

	if (num_parse_u32(text, TIMEOUT_MAX_S, &v) < 0 || v == 0)
		return err_set(e, EINVAL, "is not a number of seconds, 1 to %d",
			       TIMEOUT_MAX_S);
	*(uint32_t *)field = v;
	return 0;
}

static int parse_queues(const char *text, uint32_t most, void *field,
			struct err *e)
{
	uint32_t v;

	if (num_parse_u32(text, most, &v) < 0 || v == 0)
		return err_set(e, EINVAL, "is not a number of queues, 1 to %u",
			       most);
	*(uint32_t *)field = v;
	return 0;
}

static int parse_disk_queues(const char *text, void *field, struct err *e)
{
	return parse_queues(text, MSG_BLK_QUEUES_MAX, field, e);
}

static int parse_vif_queues(const char *text, void *field, struct err *e)
{
	return parse_queues(text, MSG_NET_QUEUES_MAX, field, e);
}

static int parse_users(const char *text, void *field, struct err *e)
{
	uint32_t v;

	if (num_parse_u32(text, USERS_FIRST_MAX, &v) < 0 || v < USERS_FIRST_MIN)
		return err_set(e, EINVAL,
			       "is not the first of %u users, %u to %u", USERS,
			       USERS_FIRST_MIN, USERS_FIRST_MAX);
	*(uint32_t *)field = v;
	return 0;
}

static int parse_yes_no(const char *text, void *field, struct err *e)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return err_set(e, EINVAL, "is neither yes nor no");
	*(bool *)field = text[0] == 'y';
	return 0;
}

static const struct key {
	const char *name;
	value_parser *parse;
	size_t offset; /* in struct config, of what parse stores */
	const char *standard;
	const char *help;
} keys[] = {
	{"socket", parse_socket, offsetof(struct config, socket),
	 "/run/xn/xnd.sock", "where xn finds xnd"},
	{"log_dir", parse_path, offsetof(struct config, log_dir), XN_LOGDIR,
	 "directory of the guests' console logs"},
	{"default_bridge", parse_interface,
	 offsetof(struct config, default_bridge), "xenbr0",
	 "bridge of a vif that names none"},
	{"build_timeout", parse_seconds,
	 offsetof(struct config, build_timeout_s), "60",
	 "seconds in which a domain must be built"},
	{"device_timeout", parse_seconds,
	 offsetof(struct config, device_timeout_s), "10",
	 "seconds a guest has to let a device go"},
	{"worker_timeout", parse_seconds,
	 offsetof(struct config, worker_timeout_s), "10",
	 "seconds a back end has to answer"},
	{"worker_uids", parse_users, offsetof(struct config, worker_uids),
	 USERS_FIRST, "the first of the users that the back ends are"},
	{"disk_queues", parse_disk_queues, offsetof(struct config, disk_queues),
	 "4", "queues of a disk, as far as its guest has vCPUs"},
	{"vif_queues", parse_vif_queues, offsetof(struct config, vif_queues),
	 "4", "queues of a vif, as far as its guest has vCPUs"},
	{"disk_barriers", parse_yes_no, offsetof(struct config, disk_barriers),
	 "no", "offer write barriers, for guests that know no flush"},
	{"qemu_nbd", parse_path, offsetof(struct config, qemu_nbd),
	 "/usr/bin/qemu-nbd", "serves the formats that xn-blk does not know"},
	{"ovs_socket", parse_path, offsetof(struct config, ovs_socket),
	 "/run/openvswitch/db.sock", "where Open vSwitch's database is asked"},
	{"debug", parse_yes_no, offsetof(struct config, debug), "no",
	 "log what is of use to developers only"},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void *key_field(struct config *c, const struct key *key)
{
	return (char *)c + key->offset;
}

static const struct key *key_find(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

int config_defaults(struct config *c, struct err *e)
{
	size_t i;
	int rc = 0;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < KEYS && rc == 0; i++)
		rc = keys[i].parse(keys[i].standard, key_field(c, &keys[i]), e);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts blanks off both ends, in place. */
static char *trim(char *text)
{
	char *end;

	while (is_blank(*text))
		text++;
	end = text + strlen(text);
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* A comment begins at a # that begins the line or follows a blank. */
static void cut_comment(char *line)
{
	char *hash = line;

	while ((hash = strchr(hash, '#'))) {
		if (hash == line || is_blank(hash[-1])) {
			*hash = '\0';
			return;
		}
		hash++;
	}
}

/* text without its comment. seen has an entry for each of keys. */
static int read_setting(struct config *c, char *text, bool *seen, struct err *e)
{
	char *equals = strchr(text, '=');
	const struct key *key;
	const char *name, *value;
	char shown[80];

	if (!equals)
		return err_set(e, EINVAL, "expected \"key = value\"");
	*equals = '\0';
	name = trim(text);
	value = trim(equals + 1);
	key = key_find(name);
	if (!key)
		return err_set(e, EINVAL,
			       "unknown key \"%s\" (xnd.conf(5) lists them)",
			       text_escape(name, shown, sizeof(shown)));
	if (seen[key - keys])
		return err_set(e, EINVAL, "%s is set a second time", key->name);
	seen[key - keys] = true;
	if (!*value)
		return err_set(e, EINVAL, "%s has no value", key->name);
	if (key->parse(value, key_field(c, key), e) < 0)
		return err_wrap(e, "%s: \"%s\"", key->name,
				text_escape(value, shown, sizeof(shown)));
	return 0;
}

/* length is what getline said, to notice a NUL in the line. */
static int read_line(struct config *c, char *line, size_t length, bool *seen,
		     struct err *e)
{
	size_t i;

	if (length && line[length - 1] == '\n')
		line[--length] = '\0';
	for (i = 0; i < length; i++)
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return err_set(e, EINVAL,
				       "a control character (0x%02x)",
				       (unsigned char)line[i]);
	cut_comment(line);
	line = trim(line);
	return *line ? read_setting(c, line, seen, e) : 0;
}

int config_read(struct config *c, const char *path, struct err *e)
{
	bool seen[KEYS] = {false};
	unsigned int number = 0;
	scoped_str line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *file = fopen(path, "re");
	int rc = 0;

	if (!file)
		return err_errno(e, errno, "%s: cannot open", path);
	errno = 0;
	while (rc == 0 && (length = getline(&line, &size, file)) >= 0) {
		number++;
		rc = read_line(c, line, (size_t)length, seen, e);
		if (rc < 0)
			err_wrap(e, "%s:%u", path, number);
	}
	if (rc == 0 && !feof(file))
		rc = err_errno(e, errno ? errno : EIO, "%s: cannot read", path);
	fclose(file);
	return rc;
}

void config_free(struct config *c)
{
	free(c->socket);
	free(c->log_dir);
	free(c->default_bridge);
	free(c->ovs_socket);
	free(c->qemu_nbd);
	memset(c, 0, sizeof(*c));
}

void config_help(FILE *out)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		fprintf(out, "%-15s %s (%s)\n", keys[i].name, keys[i].help,
			keys[i].standard);
}
