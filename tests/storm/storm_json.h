/*
 * storm_json.h - one line of pywatch's --json output as a struct.
 *
 * Written anew for the tests, from the description of the format: it shares nothing with what
 * writes the lines.
 */
#ifndef PYWATCH_STORM_JSON_H
#define PYWATCH_STORM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *s; /* may hold any byte */
    size_t len;
};

struct record {
    struct text line;
    bool is_event; /* else a "status" or "reply" record */
    bool synthetic, exchanged, has_name;
    uint32_t events, mask, cookie;
    int64_t wd;
    uint64_t seq;
    struct text path, watch, name, from;
};

/* NULL, or what is wrong with the line. Texts are allocated, and stay for good. */
const char *record_parse(const char *line, size_t len, struct record *r);

#endif
