/*
 * json.h - bytes as members of a JSON object.
 *
 * Owns: how bytes become JSON strings. Must not know: which object they belong to.
 *
 * A string is valid UTF-8 whatever the bytes were: U+FFFD for each bad byte, and then KEY_b64
 * carries the bytes themselves. Characters that could harm a terminal are written as \u escapes,
 * which a parser gives back as they were.
 */
#ifndef PYWATCH_JSON_H
#define PYWATCH_JSON_H

#include <time.h>

#include "buf.h"
#include "event.h"

/* The inside of a JSON string. Returns false where a byte had to be replaced. */
bool json_put_string(const char *s, size_t n, struct buf *out);

/* ,"key":"..." and where that is not exact ,"key_b64":"..."; nothing where there are no bytes. */
void json_put_member(const char *key, struct str s, struct buf *out);

/*
 * "time":"2026-11-23T02:00:00.000000Z", without a comma: it comes first. Events have a faster way
 * of their own.
 */
void json_put_time(struct timespec t, struct buf *out);

/* ,"KEY":"VALUE" for each "KEY=VALUE", also where there is no value: keys that json_key_taken
 * refuses must have been refused, and values must be UTF-8. */
void json_put_tags(const char *const *tags, size_t n, struct buf *out);

/* True: records, tables or answers have a member of this name, or may come to have one (_b64). */
bool json_key_taken(const char *key, size_t n);

#endif
