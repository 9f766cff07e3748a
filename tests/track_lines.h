/*
 * track_lines.h - lines of text that are as expected, or shown beside what was.
 */
#ifndef PYWATCH_TRACK_LINES_H
#define PYWATCH_TRACK_LINES_H

#include "buf.h"

#include <stdbool.h>

/* Compares, in any order where that is wanted, and empties the buffer. */
bool lines_same(struct buf *b, const char *want, bool any_order);

#endif
