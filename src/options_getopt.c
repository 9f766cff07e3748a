/*
 * options_getopt.c - the table of options, and getopt_long(3) on it.
 *
 * Owns: the rows that options.def expands to, the tables of getopt_long made from them, and the
 * messages about what is no option. Must not know: what an option means.
 */
#include "config.h"

#include "options_impl.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "visible.h"

/* getopt_long's `val` of row i: past every letter, so that a mistake shows which form was used. */
#define VAL(i) (256 + (int)(i))

#define SHARED true
#define OURS false

const struct option_row option_rows[] = {
#define HEADING(text) { NULL, -1, 0, ARG_NONE, NULL, false, text, NULL },
#define NOTE(left, text) { NULL, -1, 0, ARG_NONE, NULL, false, left, text },
#define OPTION(id, name, letter, arg, metavar, origin, text)                                       \
    { name, OPT_##id, letter, ARG_##arg, metavar, origin, NULL, text },
#define ABSENT(id, name, letter, arg) { name, OPT_##id, letter, ARG_##arg, NULL, true, NULL, NULL },
#include "options.def"
};

const size_t option_nrows = sizeof(option_rows) / sizeof(option_rows[0]);

struct reader {
    const struct parse *p;
    const struct option_row *rows;
    size_t nrows;
    int argc;
    char **argv; /* a copy: getopt_long changes the order, and the messages name argv[0] */
    struct option *longs;
    char **aliases; /* the names that longs needs beside those of the rows */
    size_t nlongs, naliases;
    char *shorts;
};

const char *option_name(int id)
{
    for (size_t i = 0; i < option_nrows; i++)
        if (option_rows[i].id == id && option_rows[i].name != NULL)
            return option_rows[i].name;
    return "?";
}

static void make_shorts(struct reader *r)
{
    char *s = r->shorts = say_need(malloc(3 * r->nrows + 2));

    /* Silence, and a missing value told from an unknown option. */
    if (!r->p->o->as_inotifywait)
        *s++ = ':';
    for (size_t i = 0; i < r->nrows; i++) {
        if (r->rows[i].letter == 0)
            continue;
        *s++ = r->rows[i].letter;
        if (r->rows[i].arg != ARG_NONE)
            *s++ = ':';
        if (r->rows[i].arg == ARG_MAYBE)
            *s++ = ':';
    }
    *s = '\0';
}

static void add_long(struct reader *r, const char *name, size_t row)
{
    static const int has_arg[] = { [ARG_NONE] = no_argument,
                                   [ARG_VALUE] = required_argument,
                                   [ARG_MAYBE] = optional_argument };
    struct option *o = &r->longs[r->nlongs++];

    o->name = name;
    o->has_arg = has_arg[r->rows[row].arg];
    o->flag = NULL;
    o->val = VAL(row);
}

/* How many options this abbreviation fits: among those of inotifywait, all, or those of --help. */
enum among { AMONG_SHARED, AMONG_ALL, AMONG_SHOWN };

static bool fits(const struct option_row *row, const char *s, size_t len, enum among among)
{
    if (row->name == NULL || strncmp(row->name, s, len) != 0)
        return false;
    if (among == AMONG_SHARED)
        return row->shared;
    return among == AMONG_ALL || row->help != NULL;
}

static size_t count_fits(const char *s, size_t len, enum among among)
{
    size_t n = 0;

    for (size_t i = 0; i < option_nrows; i++)
        n += fits(&option_rows[i], s, len, among);
    return n;
}

/*
 * "--c" is --csv to inotifywait, and would be ambiguous here because of --count: an abbreviation
 * that is good there stays good, as a name of its own. Only what was typed is looked at: all
 * abbreviations of all options together took 90 us, a tenth of a start. A value or a path that
 * looks like one does no harm; a whole name stands before it in the table, where getopt_long finds
 * it.
 */
static void add_alias(struct reader *r, const char *arg)
{
    size_t len;

    if (strncmp(arg, "--", 2) != 0)
        return;
    arg += 2;
    len = strcspn(arg, "=");
    if (count_fits(arg, len, AMONG_SHARED) != 1 || count_fits(arg, len, AMONG_ALL) == 1)
        return;
    for (size_t i = 0; i < r->nrows; i++) {
        if (!fits(&r->rows[i], arg, len, AMONG_SHARED))
            continue;
        r->aliases[r->naliases] = say_need(strndup(arg, len));
        add_long(r, r->aliases[r->naliases++], i);
    }
}

static void make_longs(struct reader *r)
{
    r->longs = say_need(calloc(r->nrows + (size_t)r->argc + 1, sizeof(*r->longs)));
    r->aliases = say_need(calloc((size_t)r->argc + 1, sizeof(*r->aliases)));
    for (size_t i = 0; i < r->nrows; i++)
        if (r->rows[i].name != NULL)
            add_long(r, r->rows[i].name, i);
    for (int i = 1; i < r->argc && !r->p->o->as_inotifywatch; i++)
        add_alias(r, r->argv[i]);
}

struct reader *reader_new(const struct parse *p, int argc, char **argv)
{
    struct reader *r = say_need(calloc(1, sizeof(*r)));

    r->p = p;
    r->rows = p->o->as_inotifywatch ? watch_rows : option_rows;
    r->nrows = p->o->as_inotifywatch ? watch_nrows : option_nrows;
    r->argc = argc;
    r->argv = say_need(calloc((size_t)argc + 2, sizeof(*r->argv)));
    for (int i = 0; i < argc; i++)
        r->argv[i] = argv[i];
    make_shorts(r);
    make_longs(r);
    optind = 0; /* glibc's way to say that this is another argv */
    opterr = p->o->as_inotifywait;
    return r;
}

void reader_free(struct reader *r)
{
    for (size_t i = 0; i < r->naliases; i++)
        free(r->aliases[i]);
    free(r->aliases);
    free(r->longs);
    free(r->shorts);
    free(r->argv);
    free(r);
}

/* "--ex=x" without dashes and value. */
static char *typed_name(const char *arg)
{
    while (*arg == '-')
        arg++;
    return say_need(strndup(arg, strcspn(arg, "=")));
}

static void say_ambiguous(const struct parse *p, const char *seen, const char *typed)
{
    fprintf(stderr, "%s: --%s is ambiguous; it could be", p->program, seen);
    for (size_t i = 0, n = 0; i < option_nrows; i++)
        if (fits(&option_rows[i], typed, strlen(typed), AMONG_SHOWN))
            fprintf(stderr, "%s --%s", n++ > 0 ? "," : "", option_rows[i].name);
    fputc('\n', stderr);
}

static void say_unknown(const struct parse *p, const char *arg)
{
    char *typed = typed_name(arg);
    char *seen = visible(typed);

    if (*typed != '\0' && count_fits(typed, strlen(typed), AMONG_SHOWN) > 0)
        say_ambiguous(p, seen, typed);
    else
        say(p, "--%s is not an option; '%s --help' lists them", seen, p->program);
    free(seen);
    free(typed);
}

/* What getopt_long found wrong; under the name inotifywait that has been said in its words. */
static void explain(const struct reader *r, int found)
{
    const struct parse *p = r->p;
    char letter[2] = { (char)optopt, '\0' };
    char *seen;

    if (p->o->as_inotifywait)
        return;
    if (optopt == 0) {
        say_unknown(p, r->argv[optind - 1]);
    } else if (optopt >= VAL(0)) {
        const struct option_row *row = &option_rows[optopt - VAL(0)];

        if (found == ':')
            say(p, "--%s needs a value: %s", row->name, row->metavar);
        else
            say(p, "--%s takes no value", row->name);
    } else if (found == ':') {
        for (size_t i = 0; i < option_nrows; i++)
            if (option_rows[i].letter == letter[0])
                say(p, "-%s (--%s) needs a value: %s", letter, option_rows[i].name,
                    option_rows[i].metavar);
    } else {
        seen = visible(letter);
        say(p, "-%s is not an option; '%s --help' lists them", seen, p->program);
        free(seen);
    }
}

/*
 * getopt_long's own words are what scripts know of inotifywait, but it puts what was typed into
 * them as it is: for the time of the call they go to memory, and from there to stderr.
 */
static int next_in_its_words(struct reader *r)
{
    FILE *to = stderr;
    char *text = NULL, *seen;
    size_t len = 0;
    bool failed;
    int found;

    stderr = say_need(open_memstream(&text, &len));
    found = getopt_long(r->argc, r->argv, r->shorts, r->longs, NULL);
    failed = fclose(stderr) != 0;
    stderr = to;
    say_need(failed ? NULL : text);
    if (len > 0) {
        text[len - 1] = '\0'; /* its newline: the only one that stays */
        seen = visible(text);
        say_exactly("%s", seen);
        free(seen);
    }
    free(text);
    return found;
}

int reader_next(struct reader *r, char **value)
{
    int found = r->p->o->as_inotifywait
                    ? next_in_its_words(r)
                    : getopt_long(r->argc, r->argv, r->shorts, r->longs, NULL);

    *value = optarg;
    if (found == -1)
        return OPT_END;
    if (found == '?' || found == ':') {
        explain(r, found);
        return OPT_BAD;
    }
    if (found >= VAL(0))
        return r->rows[found - VAL(0)].id;
    for (size_t i = 0; i < r->nrows; i++)
        if (r->rows[i].letter == found)
            return r->rows[i].id;
    return OPT_BAD; /* not reached: every letter is in the table */
}

char **reader_operands(struct reader *r)
{
    return r->argv + optind;
}
