/*
 * remote.h - file systems of which inotify(7) tells only half.
 *
 * Owns: which these are. What is changed there by another machine, or behind a file server of this
 * one, never passes through this kernel's calls, and is not reported. Must not know: what is said
 * about that. Called by main.c alone.
 */
#ifndef PYWATCH_REMOTE_H
#define PYWATCH_REMOTE_H

#include "tree.h"

struct remote;

/*
 * found(arg, path, kind): the first watched thing on such a file system; kind is its name, "NFS".
 */
struct remote *remote_new(void (*found)(void *arg, const char *path, const char *kind), void *arg);
void remote_free(struct remote *r);

/*
 * Looks at what has this watch, or with -1 at each root, and below it where the device is another
 * one. Each file system is told of once.
 */
void remote_look(struct remote *r, const struct tree *t, int32_t wd);

#endif
