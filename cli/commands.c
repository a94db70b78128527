/* SPDX-License-Identifier: MIT */
/* The table of verbs, and finding one in it. */
#include "cli/commands.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/nearest.h"
#include "cli/say.h"

#define JSON "--json              Print JSON.\n"
#define WAIT "-w, --wait          Wait until the guest is gone.\n"

const struct command commands[] = {
	{"create", cmd_create, "FILE [options] [KEY=VALUE…]",
	 "Create a guest from the configuration in FILE",
	 "-c                  Connect to its console.\n"
	 "-f, --defconfig=FILE  The configuration, named another way.\n"
	 "-n, --dryrun        Check all and print the configuration; create "
	 "nothing.\n"
	 "-p                  Leave the guest paused.\n"
	 "-q, --quiet         Print errors only.\n" JSON},
	{"destroy", cmd_destroy, "DOMAIN", "End a guest at once", NULL},
	{"shutdown", cmd_shutdown, "[-w] -a|DOMAIN",
	 "Ask a guest to power itself off",
	 "-a, --all           All guests of xnd.\n" WAIT},
	{"reboot", cmd_reboot, "[-w] -a|DOMAIN",
	 "Ask a guest to restart itself",
	 "-a, --all           All guests of xnd.\n" WAIT},
	{"pause", cmd_pause, "DOMAIN", "Stop a guest's processors", NULL},
	{"unpause", cmd_unpause, "DOMAIN", "Let a guest run again", NULL},
	{"list", cmd_list, "[options] [DOMAIN…]", "List domains",
	 "-l, --long          All there is to know, as JSON.\n"
	 "-v, --verbose       UUIDs and reasons of shutdown too.\n" JSON},
	{"console", cmd_console, "[options] DOMAIN",
	 "Connect to a guest's console; Ctrl-] leaves",
	 "-e CHARACTER        What leaves instead: x, or ^X for Ctrl-X.\n"
	 "-t pv, -n 0         Taken for xl's sake: there is no other console."
	 "\n"},
	{"info", cmd_info, "[--json]", "Print what the host is", JSON},
	{"domid", cmd_domid, "[--json] NAME", "Print a domain's number", JSON},
	{"domname", cmd_domname, "[--json] DOMID", "Print a domain's name",
	 JSON},
	{"uptime", cmd_uptime, "[options] [DOMAIN…]",
	 "Print for how long domains have run",
	 "-s                  Shorter, with the time of day.\n" JSON},
	{"block-attach", cmd_block_attach, "[--json] DOMAIN DISK…",
	 "Give a running guest a disk", JSON},
	{"block-detach", cmd_block_detach, "[--force] DOMAIN VDEV",
	 "Take a disk from a running guest",
	 "-f, --force         Without waiting for the guest to let go.\n"},
	{"block-list", cmd_block_list, "[options] DOMAIN…",
	 "List guests' disks",
	 "-l, --long          What each has done so far, and how fast.\n" JSON},
	{"block-resize", cmd_block_resize, "[--shrink] DOMAIN VDEV [SIZE]",
	 "Give a running guest's disk another size",
	 "--shrink            Cut the image if SIZE is less than it has.\n"},
	{"block-set", cmd_block_set,
	 "[--json] DOMAIN VDEV [iops=N] [bandwidth=SIZE]",
	 "Change how fast a guest's disk may be",
	 "iops=N              Requests a second; 0 for no cap.\n"
	 "bandwidth=SIZE      Bytes a second, such as 500K or 20M; likewise."
	 "\n" JSON},
	{"cd-insert", cmd_cd_insert, "DOMAIN VDEV IMAGE",
	 "Put an image into a guest's CD-ROM drive", NULL},
	{"cd-eject", cmd_cd_eject, "DOMAIN VDEV",
	 "Take the image out of a guest's CD-ROM drive", NULL},
	{"network-attach", cmd_network_attach, "[--json] DOMAIN [KEY=VALUE…]",
	 "Give a running guest an interface", JSON},
	{"network-detach", cmd_network_detach, "[--force] DOMAIN DEVID|MAC",
	 "Take an interface from a running guest",
	 "-f, --force         Without waiting for the guest to let go.\n"},
	{"network-list", cmd_network_list, "[options] DOMAIN…",
	 "List guests' interfaces",
	 "-l, --long          What each has done so far, and how fast it may be."
	 "\n" JSON},
	{"network-set", cmd_network_set, "[--json] DOMAIN DEVID|MAC KEY=VALUE…",
	 "Change a guest's interface while it runs",
	 "rate=RATE           How fast it may send, such as 10Mb/s; 0: no limit."
	 "\n"
	 "bridge=NAME         The bridge that it is in.\n"
	 "vlan=VLANS          Its VLANs there, such as 10p/20-30; 0: none.\n"
	 "carrier=up|down     Whether its cable is in.\n" JSON},
	{"version", cmd_version, "[--json]", "Print the versions of xn and xnd",
	 JSON},
	{"help", cmd_help, "[VERB]", "Print this list, or help on one verb",
	 NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

/* word begins several names: says which. */
static void say_ambiguous(const char *word)
{
	const struct command *c;
	char list[256] = "";
	size_t used = 0;

	for (c = commands; c->name; c++)
		if (strncmp(c->name, word, strlen(word)) == 0 &&
		    used < sizeof(list))
			used += (size_t)snprintf(list + used,
						 sizeof(list) - used, "%s%s",
						 used ? ", " : "", c->name);
	say("%s is ambiguous: %s", word, list);
}

static void say_unknown(const char *word)
{
	struct nearest near = {.word = word};
	const struct command *c;

	for (c = commands; c->name; c++)
		nearest_offer(&near, c->name);
	if (near.best)
		say("there is no verb %s; is %s meant?", word, near.best);
	else
		say("there is no verb %s; \"xn help\" lists them", word);
}

const struct command *command_find(const char *word, bool speak)
{
	const struct command *c, *found = NULL;
	unsigned int count = 0;

	for (c = commands; c->name; c++) {
		if (strcmp(c->name, word) == 0)
			return c;
		if (*word && strncmp(c->name, word, strlen(word)) == 0) {
			found = c;
			count++;
		}
	}
	if (count == 1)
		return found;
	if (speak && count)
		say_ambiguous(word);
	else if (speak)
		say_unknown(word);
	return NULL;
}

void command_help(const struct command *c)
{
	printf("Usage: xn %s %s\n\n%s.\n", c->name, c->usage, c->help);
	if (c->options)
		printf("\nOptions:\n\n%s", c->options);
}
