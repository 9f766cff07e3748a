/*
 * options_tag.c - --tag KEY=VALUE.
 *
 * Owns: which keys and values there can be. Must not know: where they are printed.
 */
#include "config.h"

#include "options_impl.h"

#include <string.h>

#include "json.h"
#include "visible.h"

#define ACCEPTED \
    "KEY=VALUE: a key of letters, digits, '_', '-' and '.' that begins with a letter or '_'"

/* For programs that make columns, fields or variables of keys. */
static bool is_key(const char *s, size_t n)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

    return n > 0 && strchr(first, *s) != NULL &&
           strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-.") >=
               n - 1;
}

static bool is_utf8(const char *s)
{
    size_t left = strlen(s), n;
    uint32_t cp;

    for (; left > 0; s += n, left -= n)
        if ((n = utf8_decode(s, left, &cp)) == 0)
            return false;
    return true;
}

static bool is_given(const struct list *tags, const char *tag, size_t n)
{
    for (size_t i = 0; i < tags->n; i++)
        if (strncmp(tags->v[i], tag, n) == 0 && tags->v[i][n] == '=')
            return true;
    return false;
}

int value_tag(const struct parse *p, int id, const char *s)
{
    size_t n = strcspn(s, "=");

    if (s[n] == '\0' || !is_key(s, n))
        return say_value(p, id, s, s[n] == '\0' ? "has no '='" : "has no such key", ACCEPTED);
    if (json_key_taken(s, n))
        return say_value(p, id, s, "has a key that records have themselves",
                         "any other key, such as host or service");
    if (is_given(&p->o->tags, s, n))
        return say_value(p, id, s, "has a key that was given before", "each key once");
    if (!is_utf8(s + n))
        return say_value(p, id, s, "is not UTF-8", "a value in UTF-8");
    list_add(&p->o->tags, s, strlen(s));
    return GO_ON;
}
