/*
 * track_world.h - a small world for tests of track: the real kernel, a directory of its own, and
 * changes on the disk made at exact moments.
 *
 * Owns: the directory, the inotify instance, backlog and track on it, the events as lines of
 * text, and a model of the tree that is kept by the events alone. Must not know: what any one test
 * expects. Prints diagnostics ("# ..."), never results: the caller says ok().
 *
 * What happens on the disk is a script: commands that end in ";" (those of disk_do in
 * track_disk.c, and lose: what is queued is lost; read: it is read; run: it is worked on).
 * A script runs before records are worked on, or from within a walk, at a point of the walk (hook).
 * So every race between the disk and the queue is provoked at will, and not by luck.
 */
#ifndef PYWATCH_TRACK_WORLD_H
#define PYWATCH_TRACK_WORLD_H

#include "scan.h"
#include "track.h"
#include "track_disk.h"

/* Points for hooks beside those of scan.h and track.h: "named NAME" is when the directory of a
 * followed path has been armed, and NAME is about to be looked up in it. */
#define WORLD_NAMED 32

#define STRUCTURE_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

struct world;

/* With `setup` run before the watches are there. Config: r is watched, with -r. */
struct world *world_new(const char *setup);
void world_free(struct world *w);

/* To be changed before world_start. */
struct track_config *world_config(struct world *w);
void world_follow(struct world *w); /* --follow */
void world_sight(struct world *w, enum sight (*sight)(const char *path));

/* Watches the paths, blank between them ("r"), and finishes set-up. Returns track_root's errno. */
int world_start(struct world *w, const char *roots);

/* Runs a script now. Ends the program where a command fails. */
void world_do(struct world *w, const char *script);

/* One command, which may fail: then it returns false. */
bool world_try(struct world *w, const char *command);

/* Runs it once, when a walk is at this point of the directory that has that path then. */
void world_at(struct world *w, int point, const char *path, const char *script);

/* Several: "armed r/a: touch r/a/f; | listed r: ...". */
void world_hooks(struct world *w, const char *hooks);

/* Calls this at every point of every walk. */
void world_everywhere(struct world *w, void (*hook)(struct world *w, void *arg), void *arg);

/* Reads and works off until nothing is left to do. False where that does not end. */
bool world_quiet(struct world *w);

/*
 * The events since the last call are these lines, in this order (any order: sorted first). A line:
 * "CREATE,ISDIR r/a", then " from OLD" and " synthetic" where they apply.
 */
bool world_said(struct world *w, const char *lines, bool any_order);

/* The same for notes: "UNWATCHED r/a EACCES". NOTE_WATCHED and NOTE_DROPPED are left out. */
bool world_noted(struct world *w, const char *lines);

/* Forgets lines and notes so far. */
void world_forget(struct world *w);
size_t world_lines(const struct world *w);

/*
 * All directories on the disk have a node, armed, under their path, and there are no others, nor
 * other watches in the kernel; and the events so far, replayed into the first listing, give what
 * is on the disk (of files only while none was lost, or with `snapshot`).
 */
bool world_true(struct world *w);

/* The kernel's watches are those of the tree; all of world_true that holds for any roots. */
bool world_kernel(struct world *w);

/* Leaves the replay out of world_true: where what was there at first is not known exactly. */
void world_no_replay(struct world *w);

/* For records made by hand. */
struct backlog *world_backlog(struct world *w);
struct track *world_track(struct world *w);
int world_inotify(const struct world *w);
int32_t world_wd(struct world *w, const char *path); /* -1 where it is not watched */

/* The hooks that no walk has come to are shown. True where there are none. */
bool world_hooks_met(const struct world *w);

#endif
