/*
 * floor.h - what the floors share: watching, saying so, one record as plain text.
 *
 * A floor is the least work that a program could do for the same result: no options, no tree kept
 * true, no race looked at. All print "Watches established." on stderr once they watch, as pywatch
 * does, so that one driver can wait for each.
 */
#ifndef PYWATCH_BENCH_FLOOR_H
#define PYWATCH_BENCH_FLOOR_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char **floor_paths; /* by watch descriptor */

/* FLOOR [-m] PATH...: every event, or with -m MODIFY alone. Returns the inotify descriptor. */
static inline int floor_watch(int argc, char **argv)
{
    uint32_t mask = IN_ALL_EVENTS;
    int fd = inotify_init1(IN_CLOEXEC), i = 1;

    if (argc > 1 && strcmp(argv[1], "-m") == 0) {
        mask = IN_MODIFY;
        i++;
    }
    if (fd < 0 || i >= argc)
        errx(1, "usage: %s [-m] PATH...", argv[0]);
    floor_paths = calloc((size_t)argc + 1, sizeof(*floor_paths));
    if (floor_paths == NULL)
        err(1, "calloc");
    for (; i < argc; i++) {
        int wd = inotify_add_watch(fd, argv[i], mask);

        if (wd < 0)
            err(1, "%s", argv[i]);
        if (wd > argc || strlen(argv[i]) > 64)
            errx(1, "%s: given twice, or longer than floor_run has room for", argv[i]);
        floor_paths[wd] = argv[i];
    }
    fputs("Watches established.\n", stderr);
    return fd;
}

/* "PATH EVENT,EVENT NAME\n" at p; returns the end. */
static inline char *floor_put(char *p, const struct inotify_event *ev)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{IN_ACCESS, "ACCESS"},
                 {IN_MODIFY, "MODIFY"},
                 {IN_ATTRIB, "ATTRIB"},
                 {IN_CLOSE_WRITE, "CLOSE_WRITE,CLOSE"},
                 {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE,CLOSE"},
                 {IN_OPEN, "OPEN"},
                 {IN_MOVED_FROM, "MOVED_FROM"},
                 {IN_MOVED_TO, "MOVED_TO"},
                 {IN_CREATE, "CREATE"},
                 {IN_DELETE, "DELETE"},
                 {IN_DELETE_SELF, "DELETE_SELF"},
                 {IN_Q_OVERFLOW, "Q_OVERFLOW"},
                 {IN_MOVE_SELF, "MOVE_SELF"},
                 {IN_ISDIR, "ISDIR"}};
    char *first;

    if (ev->wd >= 0)
        p = stpcpy(p, floor_paths[ev->wd]);
    *p++ = ' ';
    first = p;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if ((ev->mask & names[i].bit) != 0) {
            if (p > first)
                *p++ = ',';
            p = stpcpy(p, names[i].name);
        }
    }
    *p++ = ' ';
    if (ev->len > 0)
        p = stpcpy(p, ev->name);
    *p++ = '\n';
    return p;
}

/* Reads up to `size` bytes at a time and prints what each read brought with one write. */
static inline void floor_run(int fd, size_t size)
{
    char *in = malloc(size), *out = malloc(size * 12); /* 16 bytes become at most 192 */

    if (in == NULL || out == NULL)
        err(1, "malloc");
    for (;;) {
        ssize_t n = read(fd, in, size), left, done;
        char *p = out;

        if (n <= 0)
            err(1, "read");
        for (char *q = in; q < in + n;) {
            const struct inotify_event *ev = (const void *)q;

            p = floor_put(p, ev);
            q += sizeof(*ev) + ev->len;
        }
        for (left = p - out, p = out; left > 0; left -= done, p += done)
            if ((done = write(STDOUT_FILENO, p, (size_t)left)) < 0)
                err(1, "write");
    }
}

#endif
