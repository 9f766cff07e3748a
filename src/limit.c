/*
 * limit.c - see limit.h.
 *
 * The first words are inotifywait's: scripts look for them. It breaks the line where we go on.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inotify.h"
#include "limit.h"
#include "visible.h"

/* Twice as much, or what is needed: a limit that is raised by one is hit again at once. */
static long enough(long limit, size_t needed)
{
    long twice = limit > 0 ? limit * 2 : 65536;

    return twice > (long)needed ? twice : (long)needed * 2;
}

/* ENOSPC: the limit has been reached. */
static void no_watch_left(const char *seen, size_t needed, bool as_inotifywait)
{
    long limit = inotify_limit("max_user_watches");
    const char *name = inotify_limit_name("max_user_watches");

    if (as_inotifywait)
        fprintf(stderr,
                "Failed to watch %s; upper limit on inotify watches reached!\n"
                "Please increase the amount of inotify watches allowed per user via "
                "`/proc/sys/fs/inotify/max_user_watches'.\n",
                seen);
    else
        warnx("Failed to watch %s; upper limit on inotify watches reached! "
              "%s is %ld and at least %zu are needed; to raise it: sysctl %s=%ld",
              seen, name, limit, needed, name, enough(limit, needed));
}

void limit_watch_failed(const char *path, int error, size_t needed, bool as_inotifywait)
{
    char *seen = visible(path);

    if (error == ENOSPC)
        no_watch_left(seen, needed, as_inotifywait);
    else if (as_inotifywait)
        fprintf(stderr, "Couldn't watch %s: %s\n", seen, strerror(error));
    else
        warnx("Couldn't watch %s: %s", seen, strerror(error));
    free(seen);
}

void limit_instance_failed(int error, bool as_inotifywait)
{
    long limit = inotify_limit("max_user_instances");
    const char *name = inotify_limit_name("max_user_instances");

    if (as_inotifywait) {
        fprintf(stderr, "Couldn't initialize inotify: %s\n", strerror(error));
        if (error == EMFILE)
            fputs("Try increasing the value of /proc/sys/fs/inotify/max_user_instances\n", stderr);
    } else if (error == EMFILE) {
        warnx("Couldn't initialize inotify: %s: %s is %ld; to raise it: sysctl %s=%ld",
              strerror(error), name, limit, name, enough(limit, 1));
    } else {
        warnx("Couldn't initialize inotify: %s", strerror(error));
    }
}
