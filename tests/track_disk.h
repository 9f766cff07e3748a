/*
 * track_disk.h - a directory tree on the disk that scripts change.
 *
 * Owns: the test's own directory, and the files in it that are kept open. Must not know: events,
 * track. Used by track_world.c and track_model.c.
 */
#ifndef PYWATCH_TRACK_DISK_H
#define PYWATCH_TRACK_DISK_H

#include <stdbool.h>
#include <sys/stat.h>

/* How much of a path is to be seen: what -x, --max-depth, @PATH and --ignore leave. */
enum sight { SIGHT_NONE, SIGHT_REPORTED, SIGHT_WATCHED };

struct disk;

/* A temporary directory, which becomes the working directory. */
struct disk *disk_new(void);
void disk_free(struct disk *d); /* removes it */

/* Runs one command. Returns 0, or an errno value. */
int disk_do(struct disk *d, const char *command);

/* Calls `each` for every directory in "r" that is to be watched, "r" included. */
void disk_dirs(struct disk *d, enum sight (*sight)(const char *path),
               void (*each)(void *arg, const char *path, const struct stat *st), void *arg);

/* Calls it for every entry of the directory `root` and below, down to this depth (-1: all). */
void disk_walk(struct disk *d, const char *root, int depth, enum sight (*sight)(const char *path),
               void (*each)(void *arg, const char *path, const struct stat *st), void *arg);

/* lstat(2). */
bool disk_stat(struct disk *d, const char *path, struct stat *st);

#endif
