/*
 * storm_model.h - a tree of names that records are replayed into.
 *
 * Owns: entries and their places. Must not know: records, the disk. Paths are relative to the
 * root, without a slash in front; the root itself is "" and always there.
 */
#ifndef PYWATCH_STORM_MODEL_H
#define PYWATCH_STORM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "storm_json.h"

struct entry;
struct model;

struct model *model_new(void);

/* NULL where there is none. */
struct entry *model_find(struct model *m, struct text path);
bool entry_is_dir(const struct entry *e);
size_t entry_children(const struct entry *e);

/* The place must be free, and the parent there: NULL where it is not there, or no directory. */
struct entry *model_add(struct model *m, struct text path, bool dir);

/* Takes the entry with all below it out of the tree; it can be put back at a free place. */
void model_detach(struct model *m, struct entry *e);
bool model_attach(struct model *m, struct entry *e, struct text path);

/* Calls back for every entry. The path is good for the time of the call. */
void model_each(const struct model *m, void (*each)(void *arg, struct text path, bool dir),
                void *arg);

#endif
