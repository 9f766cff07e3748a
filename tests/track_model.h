/*
 * track_model.h - a model of a directory tree that is kept by events alone.
 *
 * Owns: the set of paths that the events have told of, and what contradicted it. Must not know:
 * track. Used by track_world.c.
 */
#ifndef PYWATCH_TRACK_MODEL_H
#define PYWATCH_TRACK_MODEL_H

#include "event.h"
#include "track_disk.h"

struct model;

struct model *model_new(void);
void model_free(struct model *m);

/* Files are to be told of even after an overflow. */
/* "r" itself may go and come. */
void model_follow(struct model *m);
void model_snapshot(struct model *m);
void model_follow(struct model *m); /* "r" itself goes and comes */

/* What there is at first: the root, and what is below it, down to this depth (-1: all), as far as
 * it is to be seen. */
void model_list(struct model *m, struct disk *d, const char *root, int depth,
                enum sight (*sight)(const char *path));

/* Keeps in mind what contradicts the model: a CREATE of what is there ... */
void model_event(struct model *m, const struct event *ev, const char *path);

/* No event contradicted the model, and it is as the disk. Files count unless some were lost. */
bool model_is_disk(struct model *m, struct disk *d, enum sight (*sight)(const char *path));

#endif
