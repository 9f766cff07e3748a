/*
 * storm_list.h - what is on disk: a list of paths relative to a root, with their kinds.
 */
#ifndef PYWATCH_STORM_LIST_H
#define PYWATCH_STORM_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "storm_json.h"

/* Writes 'd' or 'f', the path and a NUL for everything below root. Mount points are entered. */
void list_write(const char *root, FILE *out);

/* Calls back for everything below root. The text is good for the time of the call. */
void list_disk(const char *root, void (*each)(void *arg, struct text path, bool dir), void *arg);

/* The same, from what list_write wrote. */
void list_read(const char *file, void (*each)(void *arg, struct text path, bool dir), void *arg);

#endif
