/*
 * tap.h - the least that a C test needs to speak TAP (testanything.org).
 *
 * Owns: the count. Every check is one line; what failed is followed by the expression, its place
 * and the values. The plan comes last, so that a test that dies on the way is seen to be
 * incomplete.
 */
#ifndef PYWATCH_TAP_H
#define PYWATCH_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* Where a check stands in the source: what a failure names. */
struct tap_place {
    const char *file, *expr;
    int line;
};
#define TAP_PLACE(expr) ((struct tap_place){ __FILE__, expr, __LINE__ })

/* ok(CONDITION, FORMAT, ...): the condition must hold; the rest describes the check. */
#define ok(pass, ...) tap_ok(TAP_PLACE(#pass), (pass), __VA_ARGS__)
/* is_str, is_num(GOT, WANT, DESCRIPTION): equal; either string may be NULL. */
#define is_str(got, want, what) tap_is_str(TAP_PLACE(#got " is " #want), got, want, what)
#define is_num(got, want, what) tap_is_num(TAP_PLACE(#got " is " #want), got, want, what)

__attribute__((format(printf, 3, 4))) static inline bool tap_ok(struct tap_place at, bool pass,
                                                                const char *fmt, ...)
{
    va_list ap;

    printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    if (!pass)
        printf("# %s:%d: %s\n", at.file, at.line, at.expr);
    fflush(stdout); /* what a child prints must not come twice, or in between */
    tap_failed += !pass;
    return pass;
}

/* One line of TAP, whatever the string holds. */
static inline void tap_show(const char *label, const char *s)
{
    printf("# %s: ", label);
    if (!s) {
        puts("NULL");
        return;
    }
    putchar('"');
    for (; *s; s++)
        if (*s < ' ' || *s == '"' || *s == '\\' || *s == 127)
            printf("\\%03o", (unsigned)(unsigned char)*s);
        else
            putchar(*s);
    puts("\"");
}

static inline bool tap_is_str(struct tap_place at, const char *got, const char *want,
                              const char *what)
{
    bool same = got && want ? strcmp(got, want) == 0 : got == want;

    tap_ok(at, same, "%s", what);
    if (!same) {
        tap_show("got ", got);
        tap_show("want", want);
    }
    return same;
}

static inline bool tap_is_num(struct tap_place at, long long got, long long want,
                              const char *what)
{
    tap_ok(at, got == want, "%s", what);
    if (got != want)
        printf("# got:  %lld\n# want: %lld\n", got, want);
    return got == want;
}

/* Counts as skipped; the reason is shown. */
static inline void skip(const char *what, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, what, reason);
    fflush(stdout);
}

/* The end of main: the exit status. A test that checked nothing has not passed. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed > 0 || tap_count == 0;
}

#endif
