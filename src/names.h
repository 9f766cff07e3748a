/*
 * names.h - where the names of the watched directories lie.
 *
 * Owns: the bytes. Must not know: whose they are. A name costs its length rounded up to 4 bytes:
 * malloc(3) would add 16 to 24 to each of a million short names.
 */
#ifndef PYWATCH_NAMES_H
#define PYWATCH_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names;

struct names *names_new(void);
void names_free(struct names *n);

/* Keeps a copy of s[0 .. len), 1 <= len <= 255, and returns its number. Ends the program where
 * no memory is to be had. */
uint32_t names_put(struct names *n, const char *s, size_t len);
/* The same length must be given that names_put was given. */
void names_drop(struct names *n, uint32_t ref, size_t len);

/* Valid until dropped; not terminated. */
const char *names_get(const struct names *n, uint32_t ref);

#endif
