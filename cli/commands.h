/* SPDX-License-Identifier: MIT */
/*
 * The verbs of xn, in one table: main looks them up in it, and "xn help"
 * prints it.
 */
#ifndef XN_CLI_COMMANDS_H
#define XN_CLI_COMMANDS_H

#include <stdbool.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the name; returns an
					      exit status */
	const char *usage;		   /* what follows the name */
	const char *help;		   /* one line */
	const char *options;		   /* lines, or NULL */
};

/* Ended by a NULL name. */
extern const struct command commands[];

/*
 * The verb that word names, whole or as an unambiguous prefix. NULL when
 * there is none; with speak, after saying so and what there is.
 */
const struct command *command_find(const char *word, bool speak);

/* The help of one verb, on stdout. */
void command_help(const struct command *c);

int cmd_block_attach(int argc, char **argv);
int cmd_block_detach(int argc, char **argv);
int cmd_block_list(int argc, char **argv);
int cmd_block_resize(int argc, char **argv);
int cmd_block_set(int argc, char **argv);
int cmd_cd_eject(int argc, char **argv);
int cmd_cd_insert(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_create(int argc, char **argv);
int cmd_destroy(int argc, char **argv);
int cmd_domid(int argc, char **argv);
int cmd_domname(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_network_attach(int argc, char **argv);
int cmd_network_detach(int argc, char **argv);
int cmd_network_list(int argc, char **argv);
int cmd_network_set(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_reboot(int argc, char **argv);
int cmd_shutdown(int argc, char **argv);
int cmd_unpause(int argc, char **argv);
int cmd_uptime(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
