/*
 * loop.h - read, work off, print, wait; and commands in between.
 *
 * Owns: the wait, the signals that end the program, the clock of --timeout, which stands still
 * while a record is held back. Must not know: what a record means or looks like.
 */
#ifndef PYWATCH_LOOP_H
#define PYWATCH_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "backlog.h"
#include "output.h"
#include "print.h"
#include "serve.h"
#include "track.h"

enum loop_end {
    LOOP_DONE,    /* *done was set: as many records as were wanted, or one that ends the run */
    LOOP_TIMEOUT, /* no record was printed for so long */
    LOOP_NOTHING, /* nothing is left to watch, and no command can come that changes that */
    LOOP_SIGNAL,  /* SIGINT, SIGTERM or SIGHUP: which, in *detail */
    LOOP_OUTPUT,  /* the output failed: errno in *detail; EPIPE where the reader has gone */
    LOOP_INPUT    /* the inotify instance failed: errno in *detail */
};

struct loop_config {
    int inotify_fd;
    struct backlog *backlog;
    struct track *track;
    struct print *print; /* what it holds back is printed when that is due */
    struct output *output;
    struct serve *serve;     /* NULL: no --control */
    int64_t timeout_ns;      /* 0: none */
    bool restart;            /* each record printed starts the timeout anew */
    bool patient;            /* the kernel's queue holds what comes within a quarter of a ms */
    const uint64_t *printed; /* counts the records printed */
    int64_t every_ns;        /* 0: none; else tick is called so often */
    void (*tick)(void *arg);
    void (*asked)(void *arg); /* called when SIGUSR1 has come, where loop_signals was told so */
    void *arg;
    const bool *done; /* set while a record is emitted: the run is over */
};

/*
 * From before the first watch on: SIGINT, SIGTERM and SIGHUP end the loop (SIGINT and SIGTERM also
 * where whoever started us ignored them), SIGPIPE and SIGIO are ignored; with `ask`, SIGUSR1 asks.
 */
void loop_signals(bool ask);

/* After the loop: the next of these signals ends the wait for a slow reader. */
void loop_signals_again(void);

/* Non-zero once such a signal has come; its number. */
extern volatile int loop_signal;

enum loop_end loop_run(const struct loop_config *cfg, int *detail);

/* Ends the process by this signal, as it would have ended without us. Does not return. */
void loop_die(int signal) __attribute__((noreturn));

#endif
