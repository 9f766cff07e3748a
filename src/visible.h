/*
 * visible.h - names, written so that nobody can take them for something else.
 *
 * Owns: which characters may be shown as they are, UTF-8, and what stands for all others.
 * Must not know: what a name names, or where it is shown.
 * Every name that goes to a terminal or into a message on stderr passes through here.
 */
#ifndef PYWATCH_VISIBLE_H
#define PYWATCH_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/*
 * Appends a name: nothing that a terminal, or the eye, could take for something else goes
 * through. \n \t \r \e; \x9b for a control character or a byte that is not UTF-8; \u202e for a
 * hazardous character; \\ for a backslash, so that no name can look like an escaped one. What
 * was shown so is one line, and valid UTF-8.
 */
void visible_put(const char *s, size_t n, struct buf *out);

/* The same as a string of its own, for messages; the caller frees it. */
char *visible(const char *s);

/*
 * How many bytes at the start are plain: printable ASCII but for the quote and the backslash,
 * which need a look wherever something is escaped.
 */
size_t plain_run(const char *s, size_t n);

/*
 * The character that s, with n > 0 bytes, begins with. Returns its length, or 0 where that byte
 * is no part of valid UTF-8 (overlong, surrogate, past U+10FFFF, cut short, stray).
 */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);

/*
 * True for characters that are not to reach a terminal: C0, DEL and C1 controls, line and
 * paragraph separators, and those without width that reorder or hide text.
 */
bool utf8_hazard(uint32_t cp);

#endif
