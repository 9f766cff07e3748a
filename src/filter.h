/*
 * filter.h - keep a record or drop it. Pure: no system calls after filter_new.
 *
 * Owns: the compiled --exclude/--include expressions, --type, --ignore globs, the event mask, the
 * plain files that @PATH names.
 * Must not know: the tree, formats. Decides what is printed, never (but for filter_ignored, which
 * scan and track ask) how far -r descends.
 */
#ifndef PYWATCH_FILTER_H
#define PYWATCH_FILTER_H

#include <regex.h>

#include "event.h"

struct filter_rule {
    const char *pattern; /* POSIX ERE */
    bool include;        /* --include: else --exclude */
    bool icase;          /* the ...i forms */
};

struct filter_config {
    const struct filter_rule *rules; /* all borrowed; in the order given */
    size_t nrules;
    const char *const *globs; /* --ignore, fnmatch(3) patterns matched against a name */
    size_t nglobs;
    const char *const *left_out; /* "%w%f" of what @PATH leaves out, where it is no directory */
    size_t nleft_out;
    uint32_t events; /* the bits asked for, where an event does not bear its own (event.asked) */
    bool files;      /* --type: print records about things that are not directories */
    bool dirs;       /* --type: print records about directories */
};

struct filter;

/* NULL with one line in *error (owned by the module) that names the expression and the fault. */
struct filter *filter_new(const struct filter_config *cfg, const char **error);
void filter_free(struct filter *f);

/*
 * True: print it. Else *why (where why is not NULL) is a static phrase for --verbose such as
 * "not asked for by --event" or "matches --exclude".
 * Many --exclude: dropped if any matches. Many --include: dropped if none matches. Both kinds
 * together: both rules hold. Matched against the path (watch and name joined), as inotifywait
 * does. Q_OVERFLOW is never dropped by an expression or by --type, only by `events`.
 */
bool filter_keep(struct filter *f, const struct event *ev, const char **why);

/* True: a directory entry of this name is neither reported nor descended into (--ignore). */
bool filter_ignored(struct filter *f, const char *name);

#endif
