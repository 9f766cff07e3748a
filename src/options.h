/*
 * options.h - argv as a struct.
 *
 * Owns: the command line. options.def is the one table of options: getopt_long's tables and
 * --help come from it, and a check holds the man page and the completions against it.
 * Only main.c and options*.c include this header: every other module gets its own config struct.
 */
#ifndef PYWATCH_OPTIONS_H
#define PYWATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "format.h"

struct list {
    char **v; /* NULL-terminated; the strings are heap copies */
    size_t n;
};

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
    /* what to watch */
    struct list paths;    /* --fromfile lines, then operands, each in order; at least one */
    struct list excluded; /* @PATH, without the @ */
    const char *control;  /* commands come from there; NULL: none do. No path is needed then */
    uint32_t events;      /* what -e asked for; 0: no -e (or an empty one) */
    uint32_t flags;       /* --flags and -P: IN_DONT_FOLLOW, IN_ONESHOT ... */
    bool recursive;
    bool one_file_system;
    bool initial;
    bool snapshot;
    bool follow;
    int max_depth; /* -1: no limit */

    /* which records */
    struct filter_rule *rules;
    size_t nrules;
    struct list ignore;
    bool type_files, type_dirs; /* both true where no --type was given */

    /* how long */
    bool monitor;
    bool daemon; /* monitor and outfile are set too */
    const char *pidfile; /* NULL: none; only with daemon */
    int64_t timeout_ns; /* 0: never */
    uint64_t count;     /* 0: no limit */

    /* several events in one record */
    int64_t settle_ns; /* 0: records are not held */
    int64_t max_delay_ns;
    bool join_moves;

    /* how they look and where they go */
    enum format_kind format; /* never FORMAT_TTY: main.c decides that */
    const char *spec;
    const char *timefmt;
    bool status; /* format is FORMAT_JSON then */
    bool null;
    bool no_newline;
    enum when colour;
    const char *outfile; /* NULL: stdout */
    struct list tags; /* KEY=VALUE, fit for JSON */
    size_t buffer;
    int ready_fd; /* -1: none */
    int quiet; /* -q given so many times */
    int verbose;
    bool syslog; /* messages go to the system's log */

    /* counts instead of records */
    bool summary;
    int64_t summary_ns; /* a table every so often; 0: one at the end */
    uint32_t sort;      /* the bit of the column; 0: the total */
    bool sort_ascending;
    bool zero;

    bool limits; /* that report is all that is wanted */

    bool as_inotifywait;  /* run under that name: its quirks hold */
    bool as_inotifywatch; /* run under that one: its options, its lines; as_inotifywait holds too */
};

/*
 * Parses argv. Returns -1 to go on, or the exit status to end with at once (--help, --version, a
 * mistake): everything there was to say has been said then. On a mistake nothing is on stdout and
 * one line on stderr names the option, the value, and what would be accepted.
 */
int options_parse(int argc, char **argv, struct options *o);
void options_free(struct options *o);

#endif
