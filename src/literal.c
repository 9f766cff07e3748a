/*
 * literal.c - see literal.h.
 *
 * Reads an expression from left to right and gathers runs of plain characters outside of groups.
 * Whatever it is not sure about ends the run, or makes it give up: a run that is too short costs
 * time, one that is wrong would cost records.
 */
#include "config.h"

#include "literal.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

/* Past the bracket expression at s ("[...]"); NULL where it has no end. */
static const char *past_bracket(const char *s)
{
    s++;
    if (*s == '^')
        s++;
    if (*s == ']')
        s++; /* the first one stands for itself */
    while (*s != ']') {
        if (*s == '\0')
            return NULL;
        if (*s == '[' && (s[1] == ':' || s[1] == '.' || s[1] == '=')) {
            const char end[] = { s[1], ']', '\0' };

            s = strstr(s + 2, end);
            if (s == NULL)
                return NULL;
            s++;
        }
        s++;
    }
    return s + 1;
}

/* Past the interval at s ("{2,3}"); NULL where it is none. */
static const char *past_interval(const char *s)
{
    s += 1 + strspn(s + 1, "0123456789,");
    return *s == '}' ? s + 1 : NULL;
}

/* The character that s stands for, alone and whatever the flags; 0: none, or not for sure. */
static char plain_at(const char *s)
{
    if (*s == '\\') /* letters, digits and these four mean something to glibc */
        return ispunct((unsigned char)s[1]) && strchr("<>`'", s[1]) == NULL ? s[1] : '\0';
    return strchr("^$.[]()|*+?{}", *s) == NULL ? *s : '\0';
}

char *literal_of(const char *pattern, size_t *n)
{
    size_t len = strlen(pattern), run = 0, best = 0, depth = 0;
    /* One holds the run, the other the longest so far. */
    char *now = calloc(2, len + 1), *longest = now + len + 1;
    const char *s = pattern;

    if (now == NULL)
        err(1, "out of memory for the filters");
    while (s != NULL && *s != '\0') {
        char c = plain_at(s);
        const char *next = s + (*s == '\\' && s[1] != '\0' ? 2 : 1);

        if (c != '\0' && depth == 0) {
            /* One that may be missing ends the run, and is no part of it. */
            if (*next == '\0' || strchr("*+?{", *next) == NULL) {
                now[run++] = c;
                s = next;
                if (run > best) {
                    best = run;
                    memcpy(longest, now, run);
                }
                continue;
            }
        } else if (*s == '[') {
            next = past_bracket(s);
        } else if (*s == '{') {
            next = past_interval(s);
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')') {
            next = depth > 0 ? next : NULL;
            depth--;
        } else if (*s == '|' && depth == 0) {
            next = NULL;
        }
        run = 0;
        s = next;
    }
    if (s == NULL)
        best = 0; /* alternatives, or not understood */
    memmove(now, longest, best);
    now[best] = '\0';
    *n = best;
    return now;
}
