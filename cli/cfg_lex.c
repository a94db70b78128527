/* SPDX-License-Identifier: MIT */
/* The lexer of the xl.cfg dialect. */
#include "cli/cfg_lex.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "base/utf8.h"

void cfg_lex_start(struct cfg_lex *lex, const char *source, const char *text,
		   size_t size)
{
	lex->at = text;
	lex->end = text + size;
	lex->pos = (struct cfg_pos){source, 1, 1};
}

static int peek(const struct cfg_lex *lex)
{
	return lex->at < lex->end ? (unsigned char)*lex->at : EOF;
}

static int take(struct cfg_lex *lex)
{
	int c = peek(lex);

	if (c == EOF)
		return EOF;
	lex->at++;
	lex->pos.column++;
	if (c == '\n') {
		lex->pos.line++;
		lex->pos.column = 1;
	}
	return c;
}

static void skip_blanks(struct cfg_lex *lex)
{
	while (peek(lex) == ' ' || peek(lex) == '\t')
		take(lex);
	if (peek(lex) == '#')
		while (peek(lex) != EOF && peek(lex) != '\n')
			take(lex);
}

static bool is_one_of(int c, const char *set)
{
	return c > 0 && strchr(set, c);
}

/* A run of bytes out of set, as the token's text. */
static int take_run(struct cfg_lex *lex, struct cfg_token *token,
		    enum cfg_token_type type, const char *set, struct err *e)
{
	const char *start = lex->at;

	while (is_one_of(peek(lex), set))
		take(lex);
	token->type = type;
	token->text = strndup(start, (size_t)(lex->at - start));
	return token->text ? 0 : err_set(e, ENOMEM, "out of memory");
}

/* Up to max digits of the base; -1 when there are none. */
static int take_code(struct cfg_lex *lex, unsigned int base, unsigned int min,
		     unsigned int max)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int n, code = 0;

	for (n = 0; n < max; n++) {
		int c = peek(lex);
		const char *digit;

		if (c >= 'A' && c <= 'F')
			c += 'a' - 'A';
		digit = c > 0 ? strchr(digits, c) : NULL;
		if (!digit || (size_t)(digit - digits) >= base)
			break;
		code = code * base + (unsigned int)(digit - digits);
		take(lex);
	}
	return n < min ? -1 : (int)code;
}

/* The byte that the escape after a backslash stands for. */
static int take_escape(struct cfg_lex *lex, struct err *e)
{
	static const char names[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
	int c = peek(lex), code;

	if (c >= '0' && c <= '7') {
		code = take_code(lex, 8, 1, 3);
	} else {
		take(lex);
		if (is_one_of(c, "\"'\\"))
			return c;
		if (is_one_of(c, names))
			return bytes[strchr(names, c) - names];
		if (c != 'x')
			return err_set(e, EINVAL,
				       "unknown escape: a backslash is "
				       "written \\\\");
		code = take_code(lex, 16, 2, 2);
		if (code < 0)
			return err_set(e, EINVAL,
				       "\\x takes two hexadecimal digits");
	}
	if (code == 0 || code > 255)
		return err_set(e, EINVAL,
			       "an escape names a byte from 1 to 255");
	return code;
}

static int take_string(struct cfg_lex *lex, struct cfg_token *token,
		       struct err *e)
{
	struct cfg_pos start = lex->pos;
	int quote = take(lex), c;
	char *out;

	token->type = CFG_TOKEN_STRING;
	token->text = out = malloc((size_t)(lex->end - lex->at) + 1);
	if (!out)
		return err_set(e, ENOMEM, "out of memory");
	while ((c = peek(lex)) != quote) {
		token->pos = lex->pos;
		if (c == EOF || c == '\n') {
			token->pos = start;
			return err_set(e, EINVAL,
				       "the string that begins here does not "
				       "end on its line");
		}
		if (c == '\0')
			return err_set(e, EINVAL, "a NUL byte in a string");
		take(lex);
		if (c == '\\') {
			c = take_escape(lex, e);
			if (c < 0)
				return c;
		}
		*out++ = (char)c;
	}
	take(lex);
	*out = '\0';
	token->pos = start;
	if (!utf8_valid(token->text))
		return err_set(e, EINVAL, "the string is not UTF-8");
	return 0;
}

static int take_mark(struct cfg_lex *lex, struct cfg_token *token,
		     struct err *e)
{
	char shown[8];
	int c = take(lex);

	switch (c) {
	case EOF:
		token->type = CFG_TOKEN_END;
		return 0;
	case '\n':
		token->type = CFG_TOKEN_NEWLINE;
		return 0;
	case ';':
		token->type = CFG_TOKEN_SEMICOLON;
		return 0;
	case '=':
		token->type = CFG_TOKEN_SET;
		return 0;
	case ',':
		token->type = CFG_TOKEN_COMMA;
		return 0;
	case '[':
		token->type = CFG_TOKEN_OPEN;
		return 0;
	case ']':
		token->type = CFG_TOKEN_CLOSE;
		return 0;
	case '+':
		if (peek(lex) == '=') {
			take(lex);
			token->type = CFG_TOKEN_ADD;
			return 0;
		}
		break;
	case '\r':
		return err_set(e, EINVAL,
			       "a carriage return: save the file with Unix "
			       "line ends");
	case '\0':
		return err_set(e, EINVAL, "a NUL byte");
	}
	text_escape((char[]){(char)c, '\0'}, shown, sizeof(shown));
	return err_set(e, EINVAL,
		       "\"%s\" has no meaning here: keys are in lower case, "
		       "strings in quotes",
		       shown);
}

static bool in_word(int c)
{
	return isalnum(c) || c == '.' || c == '_';
}

/* 512M must not be read as 512 and then something else. */
static int take_number(struct cfg_lex *lex, struct cfg_token *token,
		       struct err *e)
{
	const char *start = lex->at;
	int rc = take_run(lex, token, CFG_TOKEN_NUMBER, "0123456789abcdefx", e);

	if (rc || !in_word(peek(lex)))
		return rc;
	while (in_word(peek(lex)))
		take(lex);
	return err_set(e, EINVAL,
		       "%.*s is no number: a number takes no unit, and a "
		       "string takes quotes",
		       (int)(lex->at - start), start);
}

int cfg_lex_next(struct cfg_lex *lex, struct cfg_token *token, struct err *e)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz._0123456789";
	int c, rc;

	skip_blanks(lex);
	c = peek(lex);
	token->pos = lex->pos;
	token->text = NULL;
	if (c == '"' || c == '\'')
		rc = take_string(lex, token, e);
	else if (c >= 'a' && c <= 'z')
		rc = take_run(lex, token, CFG_TOKEN_WORD, word, e);
	else if (c >= '0' && c <= '9')
		rc = take_number(lex, token, e);
	else
		rc = take_mark(lex, token, e);
	if (rc) {
		free(token->text);
		token->text = NULL;
	}
	return rc;
}

const char *cfg_token_describe(const struct cfg_token *token, char *out,
			       size_t size)
{
	char text[64];

	switch (token->type) {
	case CFG_TOKEN_END:
		return "the end";
	case CFG_TOKEN_NEWLINE:
		return "the end of the line";
	case CFG_TOKEN_SEMICOLON:
		return "\";\"";
	case CFG_TOKEN_WORD:
	case CFG_TOKEN_NUMBER:
		text_escape(token->text, text, sizeof(text));
		snprintf(out, size, "\"%s\"", text);
		return out;
	case CFG_TOKEN_STRING:
		return "a string";
	case CFG_TOKEN_SET:
		return "\"=\"";
	case CFG_TOKEN_ADD:
		return "\"+=\"";
	case CFG_TOKEN_COMMA:
		return "\",\"";
	case CFG_TOKEN_OPEN:
		return "\"[\"";
	case CFG_TOKEN_CLOSE:
		return "\"]\"";
	}
	return "something else";
}
