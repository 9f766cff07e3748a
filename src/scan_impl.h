/*
 * scan_impl.h - what the files of scan share: scan.c (the walk that looks at all), scan_setup.c
 * (the one that only watches). For them alone.
 */
#ifndef PYWATCH_SCAN_IMPL_H
#define PYWATCH_SCAN_IMPL_H

#include <dirent.h>
#include <fcntl.h>

#include "scan.h"

#define LISTING (64 * 1024)
#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

struct excluded {
    char *path;
    size_t len;
    dev_t dev;
    ino_t ino;
    bool exists;
};

struct scan {
    int fd;
    uint32_t mask;
    uint32_t full; /* the mask once all is listed: see scan_setup */
    bool one_fs;
    struct tree *tree;
    struct reach *reach;
    struct scan_hooks hooks;
    struct frame *frames;
    size_t nframes, frame_cap;
    nodeid *todo;
    size_t ntodo, todo_cap;
    struct excluded *excluded;
    size_t nexcluded;
    struct buf path;
    char *listing;
};

/* This directory is to be left out: @PATH, or -x. */
bool scan_leaves_out(struct scan *s, nodeid id, const struct stat *st);

/* What the entry of the directory fd is. */
enum entry_kind scan_kind(int fd, const struct dirent64 *d);
bool scan_is_dots(const struct dirent64 *d); /* "." and ".." */

/* The node's name, terminated; valid until the next call for the same scan. */
const char *scan_name(struct scan *s, nodeid id);

/* Opens the directory that a walk begins with, for reading, or with O_PATH. */
int scan_open_top(struct scan *s, nodeid top, int more);

/*
 * Arming by descriptor made a watched directory our working directory. That would keep it from
 * being unmounted, and hold back the DELETE_SELF of one that is removed.
 */
void scan_go_home(const struct scan *s);

#endif
