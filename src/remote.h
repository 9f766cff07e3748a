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

/*
 * Calls found(arg, path, kind) for the first watched thing on each such file system; kind is its
 * name, such as "NFS". Looks at each root, and below it where the device is another one.
 */
void remote_find(const struct tree *t, void (*found)(void *arg, const char *path, const char *kind),
                 void *arg);

#endif
