/*
 * options_watch.c - the command line under the name inotifywatch.
 *
 * Owns: its table of options, and its --help. Must not know: what an option means; each one is an
 * option of options.def but for -a and -d, which are --sort here.
 */
#include "config.h"

#include "options_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "summary.h"

#define ROW(id, name, letter, arg, metavar, help)                    \
    {                                                                \
        name, OPT_##id, letter, ARG_##arg, metavar, true, NULL, help \
    }

const struct option_row watch_rows[] = {
    ROW(HELP, "help", 'h', NONE, NULL, "print this and end"),
    ROW(VERBOSE, "verbose", 'v', NONE, NULL, "tell how many watches there are, and how long"),
    ROW(FROMFILE, "fromfile", 0, VALUE, "FILE", "read more paths from FILE, one a line"),
    ROW(EXCLUDE, "exclude", 0, VALUE, "ERE", "count no event whose path matches"),
    ROW(EXCLUDEI, "excludei", 0, VALUE, "ERE", "the same, upper and lower case alike"),
    ROW(INCLUDE, "include", 0, VALUE, "ERE", "count only events whose path matches"),
    ROW(INCLUDEI, "includei", 0, VALUE, "ERE", "the same, upper and lower case alike"),
    ROW(ZERO, "zero", 'z', NONE, NULL, "rows and columns of nothing but zeros too"),
    ROW(RECURSIVE, "recursive", 'r', NONE, NULL, "watch directories with all below them"),
    ROW(NO_DEREFERENCE, "no-dereference", 'P', NONE, NULL, "do not follow symbolic links"),
    ROW(TIMEOUT, "timeout", 't', VALUE, "SECONDS", "end after so long; else a signal ends it"),
    ROW(EVENT, "event", 'e', VALUE, "LIST", "count only these events; can be repeated"),
    ROW(ASCENDING, "ascending", 'a', VALUE, "COLUMN", "least of this event, or `total', first"),
    ROW(DESCENDING, "descending", 'd', VALUE, "COLUMN", "most of this event, or `total', first"),
};

const size_t watch_nrows = sizeof(watch_rows) / sizeof(watch_rows[0]);

/* The first lines are as programs know them, and so is the status. */
int watch_help_print(const struct parse *p)
{
    printf("inotifywatch 3.22.6.0\n"
           "Gather filesystem usage statistics using inotifywatch.\n"
           "Usage: inotifywatch [ options ] file1 [ file2 ] [ ... ]\n"
           "Options:\n");
    for (size_t i = 0; i < watch_nrows; i++) {
        const struct option_row *row = &watch_rows[i];
        int at = row->letter != 0 ? printf("  -%c|--%s", row->letter, row->name)
                                  : printf("  --%s", row->name);

        at += row->metavar != NULL ? printf(" %s", row->metavar) : 0;
        printf("%*s%s\n", at < 28 ? 28 - at : 1, "", row->help);
    }
    printf("  %-26s%s\n", "@PATH", "leave PATH out of what is watched");
    printf("\nColumns: %s\n"
           "\nExit status:\n"
           "  0  it ended as it should\n"
           "  1  an error\n"
           "\nThis is %s under the name of inotifywatch.\n",
           summary_columns(), PACKAGE_STRING);
    if (fflush(stdout) != 0 || ferror(stdout))
        return say(p, "standard output: %s", strerror(errno));
    return MISTAKE;
}
