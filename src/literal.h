/*
 * literal.h - the bytes that a path must hold if a regular expression is to match it. Pure.
 *
 * Must not know: what is done with them. libc's regexec(3) takes far longer to say no than a search
 * for such bytes does.
 */
#ifndef PYWATCH_LITERAL_H
#define PYWATCH_LITERAL_H

#include <stddef.h>

/*
 * The longest run of bytes that every match of this POSIX extended expression (one that regcomp(3)
 * took, without REG_ICASE) holds, as this finds it; "" where it finds none. The caller frees it.
 * *n is its length. Never fails.
 */
char *literal_of(const char *pattern, size_t *n);

#endif
