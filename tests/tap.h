/*
 * tap.h - the least that a C test needs to speak TAP (testanything.org).
 *
 * Owns: the count. Every check is a line of its own; the plan comes last, so that a test that
 * dies on the way is seen to be incomplete.
 */
#ifndef PYWATCH_TAP_H
#define PYWATCH_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool pass, const char *fmt, ...)
{
    va_list ap;

    printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout); /* what a child prints must not come twice, or in between */
    tap_failed += !pass;
    return pass;
}

/* Two strings, and both of them shown where they differ. */
static inline bool is_str(const char *got, const char *want, const char *what)
{
    bool same = strcmp(got, want) == 0;

    ok(same, "%s", what);
    if (!same)
        printf("# got:  %s\n# want: %s\n", got, want);
    return same;
}

static inline bool is_num(long long got, long long want, const char *what)
{
    ok(got == want, "%s", what);
    if (got != want)
        printf("# got:  %lld\n# want: %lld\n", got, want);
    return got == want;
}

/* Counts as passed; the reason is shown. */
static inline void skip(const char *what, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, what, reason);
    fflush(stdout);
}

/* The end of main: the exit status. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}

#endif
