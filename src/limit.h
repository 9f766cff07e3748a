/*
 * limit.h - what to say when a limit of inotify(7) is hit: its value now, and how to raise it.
 *
 * Owns: those messages, on stderr. Must not know: watches, events.
 */
#ifndef PYWATCH_LIMIT_H
#define PYWATCH_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * path could not be watched (errno: error). For ENOSPC: the limit, `needed` (so many watches are
 * wanted at least), and the line that raises it.
 */
void limit_watch_failed(const char *path, int error, size_t needed, bool as_inotifywait);

/* inotify_init1(2) failed. */
void limit_instance_failed(int error, bool as_inotifywait);

#endif
