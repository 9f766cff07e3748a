/*
 * main_impl.h - what the files of main share: main.c (set-up, the run, the exit status),
 * main_open.c (each station from what the command line says) and main_tables.c (when the tables of
 * --summary are printed). For them alone.
 */
#ifndef PYWATCH_MAIN_IMPL_H
#define PYWATCH_MAIN_IMPL_H

#include <stdio.h>

#include "backlog.h"
#include "control.h"
#include "filter.h"
#include "options.h"
#include "output.h"
#include "print.h"
#include "remote.h"
#include "serve.h"
#include "tell.h"
#include "track.h"

struct program {
    struct options opt;
    struct tell tell;
    FILE *log; /* NULL: none is wanted, or to be had */
    struct filter *filter;
    struct print *print;
    struct output *output;
    struct backlog *backlog;
    struct track *track;
    struct control *control; /* NULL: no --control, as is serve */
    struct serve *serve;
    struct remote *remote;
    bool unasked; /* an event that was not asked for ended the run */
};

/* main_open.c: the station is there, or -1 and the reason has been told. */
uint32_t main_asked(const struct options *o); /* the events that are printed */
int main_open_filter(struct program *p);
int main_open_print(struct program *p); /* and the output behind it */
int main_open_control(struct program *p);
void main_open_log(struct program *p);
void main_open_serve(struct program *p);

/* main_tables.c */
/* struct program: the table of a moment in the middle, an empty line behind it; nothing where
 * nothing happened. The next one begins where this one ended (tick), or where it began (asked). */
void main_tick(void *arg);
void main_asked_table(void *arg);
void main_last_table(struct program *p);

#endif
