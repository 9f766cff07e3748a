/*
 * track_disk.c - see track_disk.h.
 */
#include "config.h"

#include "track_disk.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct disk {
    char path[64];
    int fd;
    int held[8]; /* files that stay open for writing */
    size_t nheld;
};

struct disk *disk_new(void)
{
    struct disk *d = calloc(1, sizeof(*d));

    if (d == NULL)
        err(1, "out of memory");
    snprintf(d->path, sizeof(d->path), "%s", "/tmp/pywatch-track-XXXXXX");
    if (mkdtemp(d->path) == NULL || chdir(d->path) < 0)
        err(1, "%s", d->path);
    (void)chmod(d->path, 0755);
    d->fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return d;
}

static void remove_all(int at, const char *name)
{
    const struct dirent *e;
    DIR *dir;
    int fd;

    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return;
    fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (dir = fdopendir(fd)) == NULL)
        err(1, "rm %s", name);
    while ((e = readdir(dir)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_all(fd, e->d_name);
    closedir(dir);
    if (unlinkat(at, name, AT_REMOVEDIR) < 0)
        err(1, "rm %s", name);
}

static void release(struct disk *d)
{
    while (d->nheld > 0)
        close(d->held[--d->nheld]);
}

void disk_free(struct disk *d)
{
    release(d);
    if (chdir("/") < 0)
        err(1, "chdir");
    remove_all(AT_FDCWD, d->path);
    close(d->fd);
    free(d);
}

static void list_it(int fd)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (dir == NULL)
        err(1, "ls");
    while (readdir(dir) != NULL)
        continue;
    closedir(dir);
}

/*
 * mkdir P, touch P (made, closed), hold P (made, left open for writing), release (closes these),
 * write P (appends), rm P (whatever it is, with all that is in it), mv A B, swap A B (exchanged),
 * ln TARGET P (symbolic), link A B (hard), fifo P, chmod MODE P, peek P (opened, closed), ls P.
 * Paths are relative to the test's directory whatever the working directory is, which track may
 * have changed: and it stays what it is, since that decides when a removed directory goes for good.
 */
int disk_do(struct disk *d, const char *command)
{
    char verb[16], a[512] = "", b[512] = "";
    int got = 0, fd;

    (void)sscanf(command, "%15s %511s %511s", verb, a, b);
    if (strcmp(verb, "mkdir") == 0) {
        got = mkdirat(d->fd, a, 0755);
    } else if (strcmp(verb, "touch") == 0 || strcmp(verb, "write") == 0) {
        fd = openat(d->fd, a, O_WRONLY | O_APPEND | O_CLOEXEC | (*verb == 't' ? O_CREAT : 0), 0644);
        got = fd < 0 || (*verb == 'w' && write(fd, "x", 1) != 1) ? -1 : close(fd);
    } else if (strcmp(verb, "hold") == 0) {
        if (d->nheld == sizeof(d->held) / sizeof(d->held[0]))
            release(d);
        got = fd = openat(d->fd, a, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (fd >= 0)
            d->held[d->nheld++] = fd;
    } else if (strcmp(verb, "release") == 0) {
        release(d);
    } else if (strcmp(verb, "rm") == 0) {
        struct stat st;

        got = fstatat(d->fd, a, &st, AT_SYMLINK_NOFOLLOW);
        if (got == 0)
            remove_all(d->fd, a);
    } else if (strcmp(verb, "mv") == 0) {
        got = renameat(d->fd, a, d->fd, b);
    } else if (strcmp(verb, "swap") == 0) {
        got = renameat2(d->fd, a, d->fd, b, RENAME_EXCHANGE);
    } else if (strcmp(verb, "ln") == 0) {
        got = symlinkat(a, d->fd, b);
    } else if (strcmp(verb, "link") == 0) {
        got = linkat(d->fd, a, d->fd, b, 0);
    } else if (strcmp(verb, "fifo") == 0) {
        got = mkfifoat(d->fd, a, 0644);
    } else if (strcmp(verb, "chmod") == 0) {
        got = fchmodat(d->fd, b, (mode_t)strtoul(a, NULL, 8), 0);
    } else if (strcmp(verb, "peek") == 0) {
        fd = openat(d->fd, a, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        got = fd < 0 ? -1 : close(fd);
    } else if (strcmp(verb, "ls") == 0) {
        list_it(openat(d->fd, a, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    } else {
        errx(1, "no such command: %s", command);
    }
    return got < 0 ? errno : 0;
}

/* Calls `each` for every entry below, as far as is to be seen; depth -1: all the way down. */
static void walk(int at, const char *path, int depth, enum sight (*sight)(const char *path),
                 void (*each)(void *arg, const char *path, const struct stat *st), void *arg)
{
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e;

    if (dir == NULL) {
        if (errno == EACCES)
            return; /* not for us to read */
        err(1, "%s", path);
    }
    while (depth != 0 && (e = readdir(dir)) != NULL) {
        struct stat st;
        char *sub;

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (asprintf(&sub, "%s/%s", path, e->d_name) < 0 ||
            fstatat(at, sub, &st, AT_SYMLINK_NOFOLLOW) < 0)
            err(1, "%s", e->d_name);
        if (sight(sub) != SIGHT_NONE)
            each(arg, sub, &st);
        if (S_ISDIR(st.st_mode) && sight(sub) == SIGHT_WATCHED)
            walk(at, sub, depth - 1, sight, each, arg);
        free(sub);
    }
    closedir(dir);
}

void disk_walk(struct disk *d, const char *root, int depth, enum sight (*sight)(const char *path),
               void (*each)(void *arg, const char *path, const struct stat *st), void *arg)
{
    walk(d->fd, root, depth, sight, each, arg);
}

bool disk_stat(struct disk *d, const char *path, struct stat *st)
{
    return fstatat(d->fd, path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

struct each_dir {
    enum sight (*sight)(const char *path);
    void (*each)(void *arg, const char *path, const struct stat *st);
    void *arg;
};

static void if_dir(void *arg, const char *path, const struct stat *st)
{
    struct each_dir *x = arg;

    if (S_ISDIR(st->st_mode) && x->sight(path) == SIGHT_WATCHED)
        x->each(x->arg, path, st);
}

void disk_dirs(struct disk *d, enum sight (*sight)(const char *path),
               void (*each)(void *arg, const char *path, const struct stat *st), void *arg)
{
    struct each_dir x = { sight, each, arg };
    struct stat st;

    if (fstatat(d->fd, "r", &st, 0) < 0 || !S_ISDIR(st.st_mode))
        return;
    each(arg, "r", &st);
    walk(d->fd, "r", -1, sight, if_dir, &x);
}
