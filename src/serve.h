/*
 * serve.h - commands carried out and answered: --control.
 *
 * Owns: the command that is being worked on. Must not know: how lines are read (control), how they
 * are written (command), what an answer looks like (reply).
 *
 * One command after the other: each one is carried out when all that had happened before it was
 * read has been printed, and answered before the next one is begun. So answers stand at their place
 * among the events, and in the order of the commands.
 */
#ifndef PYWATCH_SERVE_H
#define PYWATCH_SERVE_H

#include <poll.h>
#include <stdbool.h>

#include "backlog.h"
#include "control.h"
#include "output.h"
#include "print.h"
#include "track.h"

struct serve_config {
    struct control *control; /* all stay the caller's */
    struct backlog *backlog;
    struct track *track;
    struct print *print;
    struct output *output;
    void *arg;
    void (*added)(void *arg, int32_t wd);
    void (*failed)(void *arg, int error); /* commands can no longer be read */
};

struct serve;

struct serve *serve_new(const struct serve_config *cfg);
void serve_free(struct serve *s);

/* For poll(2): whether there is something to read. */
void serve_pollfd(const struct serve *s, struct pollfd *p);

/* Carries out what has come; `read`: something may have. True: there is more to do at once, and the
 * kernel's queue is to be read before. */
bool serve_run(struct serve *s, bool read);

/* A command may still come, or is being worked on: that nothing is watched is no end. */
bool serve_open(const struct serve *s);

#endif
