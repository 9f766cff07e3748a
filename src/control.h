/*
 * control.h - where commands come from: lines of a FIFO, a file or standard input.
 *
 * Owns: the descriptor, and the bytes of lines that are not complete. Must not know: what a line
 * means. Never blocks.
 *
 * A FIFO has no end: it stays open when its last writer has gone, for the next one.
 */
#ifndef PYWATCH_CONTROL_H
#define PYWATCH_CONTROL_H

#include <poll.h>
#include <stdbool.h>

#include "event.h"

#define CONTROL_LINE_MOST 65536 /* bytes of a line: any path, quoted in the longest way */

struct control;

/* "-" is standard input. NULL with an errno value in *error where it cannot be opened. */
struct control *control_open(const char *file, int *error);
void control_free(struct control *c);

/* Fills *p for poll(2): fd is -1 where nothing more is to be read, or a line waits to be taken. */
void control_pollfd(const struct control *c, struct pollfd *p);

/* Reads what is there. Returns 0, or an errno value: then nothing more will come. */
int control_fill(struct control *c);

enum control_next {
    CONTROL_NONE,     /* no complete line is there: fill */
    CONTROL_LINE,     /* *line, without its newline, valid until the next call */
    CONTROL_TOO_LONG, /* a line of more bytes than CONTROL_LINE_MOST, which are gone */
    CONTROL_CUT_OFF   /* the input ended within a line */
};

enum control_next control_next(struct control *c, struct str *line);

/* No further line can come. */
bool control_ended(const struct control *c);

#endif
