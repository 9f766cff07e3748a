/*
 * options_value.c - the value of one option as what it stands for.
 *
 * Owns: how numbers, sizes, times and lists are written on the command line, and what is said
 * where they are not. Must not know: which option leads to what. Strict everywhere, for a value
 * that is only half understood would do something else than was meant.
 */
#include "config.h"

#include "options_impl.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "summary.h"
#include "visible.h"

#define NS 1000000000

/* strtonum(3) takes blanks and a '+' in front; a minus is let by, so that the range is named. */
static bool number_shaped(const char *s)
{
    s += *s == '-';
    return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

int value_number(const struct parse *p, int id, const char *s, long long min, long long max,
                 long long *out)
{
    char accepted[64];
    const char *error = NULL;

    snprintf(accepted, sizeof(accepted), "%lld to %lld", min, max);
    if (!number_shaped(s))
        return say_value(p, id, s, "is not a whole number", accepted);
    *out = strtonum(s, min, max, &error);
    if (error != NULL)
        return say_value(p, id, s, "is out of range", accepted);
    return GO_ON;
}

int value_ms(const struct parse *p, int id, const char *s, int64_t *out)
{
    long long n = 0;
    int status = value_number(p, id, s, 1, 86400000, &n); /* a day */

    *out = n * (NS / 1000);
    return status;
}

/* The power of two that a suffix stands for; -1: it is none. */
static int shift_of(const char *suffix)
{
    static const char letters[] = "KMG";
    const char *at;
    char c = *suffix;

    if (c == '\0')
        return 0;
    if (suffix[1] != '\0')
        return -1;
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    at = strchr(letters, c);
    return at == NULL ? -1 : 10 * (int)(at - letters + 1);
}

/* More than any machine has, and far from where sums of sizes could wrap. */
#define SIZE_MOST ((unsigned long long)(SIZE_MAX / 4) < 1ull << 50 ? SIZE_MAX / 4 : 1ull << 50)

int value_size(const struct parse *p, int id, const char *s, size_t *out)
{
    size_t digits = strspn(s, "0123456789");
    int shift = shift_of(s + digits);
    unsigned long long most = SIZE_MOST;
    char accepted[96];
    char *number;
    const char *error;
    long long n;

    snprintf(accepted, sizeof(accepted), "bytes from 1 to %lluG, with K, M or G such as 64M",
             most >> 30);
    if (digits == 0 || shift < 0)
        return say_value(p, id, s, "is not a size", accepted);
    number = say_need(strndup(s, digits));
    n = strtonum(number, 1, (long long)(most >> shift), &error);
    free(number);
    if (error != NULL)
        return say_value(p, id, s, "is out of range", accepted);
    *out = (size_t)n << shift;
    return GO_ON;
}

/*
 * "12", "-3", "0.25", ".5" as whole seconds and nanoseconds. Returns false where it is no number;
 * *huge: more than a long can say, which is where inotifywait draws the line.
 */
static bool parse_seconds(const char *s, bool *negative, long *whole, long *nano, bool *huge)
{
    size_t digits, fraction = 0;
    long unit = NS / 10;

    *negative = *s == '-';
    s += *negative;
    digits = strspn(s, "0123456789");
    if (s[digits] == '.')
        fraction = strspn(s + digits + 1, "0123456789");
    if (s[digits + (fraction > 0 ? fraction + 1 : 0)] != '\0' || digits + fraction == 0)
        return false;
    *huge = false;
    *whole = *nano = 0;
    for (size_t i = 0; i < digits; i++)
        if (__builtin_mul_overflow(*whole, 10, whole) ||
            __builtin_add_overflow(*whole, s[i] - '0', whole))
            *huge = true;
    for (size_t i = 0; i < fraction; i++, unit /= 10) {
        int digit = s[digits + 1 + i] - '0';

        *nano += digit * unit;
        /* Below a nanosecond, but more than nothing: zero would mean never. */
        if (unit == 0 && digit > 0 && *whole == 0 && *nano == 0)
            *nano = 1;
    }
    return true;
}

/* What inotifywait says, in its two lines. */
static int classic_seconds(const char *s, bool huge)
{
    char *seen;

    if (huge) {
        return say_exactly("Something went wrong with the timeout value you provided.\n"
                           "Numerical result out of range");
    }
    seen = visible(s);
    if (*s == '\0')
        say_exactly("The provided value is not a valid timeout value.");
    else
        say_exactly("'%s' is not a valid timeout value.", seen);
    free(seen);
    return say_exactly("Please specify a long int value.");
}

int value_seconds(const struct parse *p, int id, const char *s, int64_t *out)
{
    /* Half of what fits: a moment on the clock plus this is still a moment. */
    const int64_t most = INT64_MAX / 2 / NS;
    const char *t = s;
    bool negative = false, huge = false, shaped;
    long whole = 0, nano = 0;
    char accepted[96];

    /* Its strtol(3) takes these. */
    if (p->o->as_inotifywait) {
        t += strspn(t, " \t\n\v\f\r");
        t += *t == '+' && t[1] != '-';
    }
    shaped = parse_seconds(t, &negative, &whole, &nano, &huge);
    if (!shaped || huge) {
        if (p->o->as_inotifywait)
            return classic_seconds(s, huge);
        snprintf(accepted, sizeof(accepted),
                 "seconds such as 2 or 0.5, up to %ld; zero or less: never", LONG_MAX);
        return say_value(p, id, s, shaped ? "is out of range" : "is not a time", accepted);
    }
    if (negative)
        *out = 0;
    else if (whole >= most)
        *out = most * NS;
    else
        *out = (int64_t)whole * NS + nano;
    return GO_ON;
}

/* The first element of a list joined by commas; *s moves behind it, NULL at the end. */
static struct str next_element(const char **s)
{
    struct str e = { *s, strcspn(*s, ",") };

    *s = e.s[e.len] == ',' ? e.s + e.len + 1 : NULL;
    return e;
}

static int bad_element(const struct parse *p, int id, struct str e, const char *what,
                       const char *accepted)
{
    char *text = say_need(strndup(e.s, e.len));
    int status = say_value(p, id, text, what, accepted);

    free(text);
    return status;
}

/* What inotifywait says: it names the whole list. */
static int classic_event(const char *s)
{
    char *seen = visible(s);
    int status = say_exactly("'%s' is not a valid event!  Run with the '--help' option to see a "
                             "list of events.",
                             seen);

    free(seen);
    return status;
}

int value_events(const struct parse *p, int id, const char *s, uint32_t *out)
{
    const char *rest = s;
    uint32_t bits = 0, one = 0;
    bool empty = false;

    while (rest != NULL) {
        struct str e = next_element(&rest);

        if (event_mask(e.s, e.len, &one)) {
            bits |= one;
        } else if (!p->o->as_inotifywait) {
            return bad_element(p, id, e, "is not an event", event_list());
        } else if (e.len == 0) {
            empty = true;
        } else if (event_flag(e.s, e.len, &one) && one == IN_ONESHOT) {
            bits |= one; /* to inotifywait this flag is an event, though not to its --help */
        } else {
            return classic_event(s);
        }
    }
    /* To inotifywait a list with an empty element asks for nothing, and nothing means all. */
    if (!empty)
        *out |= bits;
    return GO_ON;
}

int value_flags(const struct parse *p, int id, const char *s, uint32_t *out)
{
    uint32_t one = 0;

    while (s != NULL) {
        struct str e = next_element(&s);

        if (!event_flag(e.s, e.len, &one))
            return bad_element(p, id, e, "is not a watch flag", event_flag_list());
        *out |= one;
    }
    return GO_ON;
}

int value_types(const struct parse *p, int id, const char *s, bool *files, bool *dirs)
{
    while (s != NULL) {
        struct str e = next_element(&s);

        if (e.len == 1 && *e.s == 'f')
            *files = true;
        else if (e.len == 1 && *e.s == 'd')
            *dirs = true;
        else
            return bad_element(p, id, e, "is not a type", "f (not a directory), d (directory)");
    }
    return GO_ON;
}

int value_when(const struct parse *p, int id, const char *s, enum when *out)
{
    static const char *const names[] = { [WHEN_AUTO] = "auto",
                                         [WHEN_ALWAYS] = "always",
                                         [WHEN_NEVER] = "never" };

    for (int i = WHEN_AUTO; i <= WHEN_NEVER; i++) {
        if (strcmp(s, names[i]) == 0) {
            *out = (enum when)i;
            return GO_ON;
        }
    }
    return say_value(p, id, s, "is not a time for colours", "auto, always, never");
}

/* Standard input, output and error have work of their own, and are not closed. */
int value_fd(const struct parse *p, int id, const char *s, int *out)
{
    const char *accepted = "the number, from 3 on, of a descriptor that is open for writing";
    const char *error = NULL;
    int flags;

    if (!number_shaped(s))
        return say_value(p, id, s, "is not a number", accepted);
    *out = (int)strtonum(s, STDERR_FILENO + 1, INT_MAX, &error);
    if (error != NULL)
        return say_value(p, id, s, "is out of range", accepted);
    flags = fcntl(*out, F_GETFL);
    if (flags < 0)
        return say_value(p, id, s, "is not open", accepted);
    if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH) != 0)
        return say_value(p, id, s, "is not open for writing", accepted);
    return GO_ON;
}

int value_glob(const struct parse *p, int id, const char *s)
{
    if (*s == '\0' || strchr(s, '/') != NULL)
        return say_value(p, id, s, "matches no name",
                         "a pattern for one name, such as '*.o', without a slash");
    return GO_ON;
}

/* What inotifywatch says of -a and -d. */
static int classic_sort(const char *s)
{
    char *seen = visible(s);

    if (strcasecmp(s, "close") == 0)
        say_exactly("Cannot sort by `close' event; please use `close_write' or `close_nowrite'.");
    else if (strcasecmp(s, "move") == 0)
        say_exactly("Cannot sort by `move' event; please use `moved_from' or `moved_to'.");
    else
        say_exactly("'%s' is not a valid key for sorting!", seen);
    free(seen);
    return MISTAKE;
}

int value_sort(const struct parse *p, int id, const char *s, uint32_t *bit, bool *ascending)
{
    char accepted[320];
    const char *name = s;

    if (id == OPT_SORT) {
        *ascending = *s == '+';
        name += *s == '+' || *s == '-';
    }
    if (summary_column(name, bit))
        return GO_ON;
    if (id != OPT_SORT)
        return classic_sort(s);
    snprintf(accepted, sizeof(accepted), "%s; '+' before it: least first", summary_columns());
    return say_value(p, id, s, "is not a column", accepted);
}
