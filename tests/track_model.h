/*
 * track_model.h - a directory tree on the disk that scripts change, and a model of it that is kept
 * by events alone.
 *
 * Owns: the test's own directory (disk), the set of paths that the events have told of (model).
 * Must not know: track. Used by track_world.c.
 */
#ifndef PYWATCH_TRACK_MODEL_H
#define PYWATCH_TRACK_MODEL_H

#include "event.h"
#include "track_world.h"

#include <sys/stat.h>

struct disk;

/* A temporary directory, which becomes the working directory. */
struct disk *disk_new(void);
void disk_free(struct disk *d); /* removes it */

/* Runs one command. Returns 0, or an errno value. */
int disk_do(struct disk *d, const char *command);

/* Calls `each` for every directory in "r" that is to be watched, "r" included. */
void disk_dirs(struct disk *d, enum sight (*sight)(const char *path),
               void (*each)(void *arg, const char *path, const struct stat *st), void *arg);

struct model;

struct model *model_new(void);
void model_free(struct model *m);

/* Files are to be told of even after an overflow. */
void model_snapshot(struct model *m);

/* What there is at first: the root, and what is below it, down to this depth (-1: all), as far as
 * it is to be seen. */
void model_list(struct model *m, struct disk *d, const char *root, int depth,
                enum sight (*sight)(const char *path));

/* Keeps in mind what contradicts the model: a CREATE of what is there ... */
void model_event(struct model *m, const struct event *ev, const char *path);

/* No event contradicted the model, and it is as the disk. Files count unless some were lost. */
bool model_is_disk(struct model *m, struct disk *d, enum sight (*sight)(const char *path));

#endif
