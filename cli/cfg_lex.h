/* SPDX-License-Identifier: MIT */
/*
 * Words of the xl.cfg dialect: from text to tokens, each with its line and
 * column. The rules are those of libxlu_cfg_l.l, except that \xNN and octal
 * escapes give the byte they name, and that a comment may end the file.
 */
#ifndef XN_CLI_CFG_LEX_H
#define XN_CLI_CFG_LEX_H

#include <stddef.h>

struct err;

/* Line and column count bytes and begin at 1. source is borrowed. */
struct cfg_pos {
	const char *source;
	unsigned int line;
	unsigned int column;
};

enum cfg_token_type {
	CFG_TOKEN_END,
	CFG_TOKEN_NEWLINE,
	CFG_TOKEN_SEMICOLON,
	CFG_TOKEN_WORD,
	CFG_TOKEN_NUMBER,
	CFG_TOKEN_STRING,
	CFG_TOKEN_SET, /* = */
	CFG_TOKEN_ADD, /* += */
	CFG_TOKEN_COMMA,
	CFG_TOKEN_OPEN,	 /* [ */
	CFG_TOKEN_CLOSE, /* ] */
};

struct cfg_token {
	enum cfg_token_type type;
	struct cfg_pos pos;
	char *text; /* owned: of a word, a number or a string; else NULL */
};

struct cfg_lex {
	const char *at, *end; /* borrowed */
	struct cfg_pos pos;   /* of at */
};

void cfg_lex_start(struct cfg_lex *lex, const char *source, const char *text,
		   size_t size);

/*
 * The next token; its text is the caller's to free. 0, or a negative errno
 * with *e set and token->pos where it went wrong.
 */
int cfg_lex_next(struct cfg_lex *lex, struct cfg_token *token, struct err *e);

/* How a token is called in an error: "the end of the line". Static or out. */
const char *cfg_token_describe(const struct cfg_token *token, char *out,
			       size_t size);

#endif
