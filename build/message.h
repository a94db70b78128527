/* SPDX-License-Identifier: MIT */
/*
 * What the Xen libraries say while they work, kept until it is asked for:
 * they explain a failure by logging, not by what they return.
 */
#ifndef XN_BUILD_MESSAGE_H
#define XN_BUILD_MESSAGE_H

struct xentoollog_logger;

#define MESSAGE_BYTES 160

/* The one logger of this process; every line goes to log_debug as well. */
struct xentoollog_logger *message_logger(void);

/* Forgets what was said. To be called before each request. */
void message_forget(void);

/*
 * The first error since message_forget, without the library's file, line and
 * function names, or "" when there was none: the first is the cause, those
 * after it are its consequences.
 */
const char *message_error(void);

/*
 * The last remark since message_forget about a compressed image that cannot
 * be unpacked, or "": the libraries do not say it as an error.
 */
const char *message_unpacking(void);

/*
 * text past "panic: file.c:12: " and "xc_function: ", without the blanks and
 * the ": Invalid kernel" at its end, into out. Pure.
 */
void message_trim(const char *text, char out[MESSAGE_BYTES]);

#endif
