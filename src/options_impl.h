/*
 * options_impl.h - what the files of options share; only options*.c include it.
 *
 * options.c         the loop over argv and what each option sets
 * options_getopt.c  the table of options, and getopt_long on it
 * options_watch.c   the table under the name inotifywatch, and its --help
 * options_value.c   one value as a number, a size, a list ...
 * options_tag.c     one tag
 * options_paths.c   operands and --fromfile
 * options_check.c   what cannot be said together
 * options_help.c    --help and --version
 * options_say.c     messages
 *
 * Every function that returns int gives -1 to go on, or the exit status to end with; what there
 * was to say has been said then.
 */
#ifndef PYWATCH_OPTIONS_IMPL_H
#define PYWATCH_OPTIONS_IMPL_H

#include "options.h"

#define GO_ON (-1)
#define MISTAKE 1

enum option_id {
#define OPTION(id, name, letter, arg, metavar, origin, help) OPT_##id,
#define ABSENT(id, name, letter, arg) OPT_##id,
#include "options.def"
    OPT_END = -1,       /* no more options */
    OPT_BAD = -2,       /* a mistake that getopt_long found; the message is out */
    OPT_ASCENDING = -3, /* -a and -d of inotifywatch: --sort here */
    OPT_DESCENDING = -4
};

enum option_arg { ARG_NONE, ARG_VALUE, ARG_MAYBE };

struct parse;

struct option_row {
    const char *name; /* NULL: a heading or a note of --help */
    int id;           /* enum option_id; -1 where there is no name */
    char letter;      /* 0: none */
    enum option_arg arg;
    const char *metavar;
    bool shared;         /* inotifywait has it */
    const char *heading; /* a heading, or the left side of a note */
    const char *help;    /* NULL: not in --help */
};

extern const struct option_row option_rows[];
extern const size_t option_nrows;
/* options_watch.c: the table under the name inotifywatch. */
extern const struct option_row watch_rows[];
extern const size_t watch_nrows;
int watch_help_print(const struct parse *p);
const char *option_name(int id);

/* What is known while argv is read. */
struct parse {
    struct options *o;
    const char *program; /* "pywatch", "inotifywait" or "inotifywatch" */
    const char *fromfile;
    bool csv, json;
    bool sorted; /* --sort, -a or -d was given */
};

/* options_getopt.c: one argv as a row of option ids. */
struct reader;
struct reader *reader_new(const struct parse *p, int argc, char **argv);
void reader_free(struct reader *r);
int reader_next(struct reader *r, char **value); /* an option_id */
/* The operands, once reader_next has returned OPT_END; argv's own strings, NULL at the end. */
char **reader_operands(struct reader *r);

/* options_value.c: sets *out, or says what is wrong with the value. */
int value_number(const struct parse *p, int id, const char *s, long long min, long long max,
                 long long *out);
int value_ms(const struct parse *p, int id, const char *s, int64_t *out); /* to ns */
int value_size(const struct parse *p, int id, const char *s, size_t *out);
int value_seconds(const struct parse *p, int id, const char *s, int64_t *out);
int value_events(const struct parse *p, int id, const char *s, uint32_t *out); /* adds bits */
int value_flags(const struct parse *p, int id, const char *s, uint32_t *out);  /* adds bits */
int value_types(const struct parse *p, int id, const char *s, bool *files, bool *dirs);
int value_when(const struct parse *p, int id, const char *s, enum when *out);
int value_sort(const struct parse *p, int id, const char *s, uint32_t *bit, bool *ascending);
int value_fd(const struct parse *p, int id, const char *s, int *out);
int value_tag(const struct parse *p, int id, const char *s); /* adds it to the tags */
int value_glob(const struct parse *p, int id, const char *s);

/* options_paths.c */
void list_add(struct list *l, const char *s, size_t len);
void list_free(struct list *l);
int paths_from_file(const struct parse *p, const char *file);
int paths_from_operands(const struct parse *p, char **operands);

/* options_check.c */
int check_together(const struct parse *p);
int check_rules(const struct parse *p);
int check_limits(const struct parse *p); /* beside --limits */

/* options_help.c: the exit status, which tells whether it could be written. */
int help_print(const struct parse *p);
int version_print(const struct parse *p);

/*
 * options_say.c: each puts out one line on stderr and returns MISTAKE. What the user typed goes
 * through visible() first; only say_value does that itself.
 */
/* "pywatch: " and the text. */
int say(const struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A sentence of inotifywait's: under its name alone, as there; else as say. */
int say_shared(const struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text alone, under either name: what scripts look for. */
int say_exactly(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "pywatch: --OPTION: 'VALUE' WHAT; accepted: ACCEPTED". */
int say_value(const struct parse *p, int id, const char *value, const char *what,
              const char *accepted);
void *say_need(void *memory); /* or ends the program */

#endif
