/*
 * spelled.h - the names under which a path would be printed.
 *
 * Owns: how one path is found within another, however both are written. Must not know: what the
 * names are wanted for. Looks at the disk, once. Called by main.c alone.
 */
#ifndef PYWATCH_SPELLED_H
#define PYWATCH_SPELLED_H

#include <stddef.h>

/*
 * For each of the paths and each of the roots that it lies below: the root as it is written, and
 * from there on the way without links and dots. What does not exist is found as well; what ends
 * with a slash or a dot can only be a directory, and is passed over. The strings, and the list with
 * NULL at its end, are the caller's to free; *n counts them.
 */
char **spelled(char *const *roots, size_t nroots, char *const *paths, size_t npaths, size_t *n);

#endif
