/*
 * tell.h - what pywatch says on stderr while it works: the lines that scripts wait for, notes for
 * --verbose, warnings.
 *
 * Owns: these sentences. Must not know: what is done about what they tell. Called by main.c alone;
 * mistakes on the command line are told by options_say.c.
 */
#ifndef PYWATCH_TELL_H
#define PYWATCH_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "track.h"

struct tell {
    FILE *progress; /* of set-up; NULL: nowhere. Warnings and errors go to stderr */
    int quiet;
    int verbose;
    bool recursive;
    int64_t timeout_ns;
    bool as_inotifywait;
    bool as_inotifywatch;
};

/* Before the first watch, and when all are in place: the ready line. */
void tell_setting_up(const struct tell *t);
void tell_ready(const struct tell *t, size_t watches);

/* Around the taking up of a path that the user named; error: what came of it, an errno value or 0.
 * needed: after ENOSPC, so many watches are wanted at least. */
void tell_root(const struct tell *t, const char *path);
void tell_root_done(const struct tell *t, const char *path, int error, size_t needed);

/* A note of track: see enum track_note. */
void tell_note(const struct tell *t, enum track_note what, const char *path, int error,
               size_t needed);

/* --verbose: an event that is not printed, and why. */
void tell_dropped(const struct tell *t, const struct event *ev, const char *why);

/* Whoever waits for it could not be told that all is ready, or of the end: by --ready-fd (fd), or
 * through the socket, which is NULL then. */
void tell_not_told(const struct tell *t, int fd, const char *socket, int error);

/* A path is on a file system that inotify sees only a part of. */
void tell_remote(const struct tell *t, const char *path, const char *kind);
/* Commands cannot be read, or not any more. */
void tell_no_control(const char *file, int error);

void tell_no_outfile(const struct tell *t, const char *path, int error);

#endif
