/*
 * floor_walk.c - opens, lists and watches each directory below PATH, in one thread: the floor of
 * set-up. With --leaf, a directory whose link count says that it has no subdirectory is not listed.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static int in;
static bool leaf;

/* Closes fd. */
static void walk(int fd)
{
    char self[64];
    struct dirent *d;
    struct stat st;
    DIR *dir;

    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    if (inotify_add_watch(in, self, IN_ALL_EVENTS) < 0)
        err(1, "inotify_add_watch");
    if (leaf && fstat(fd, &st) == 0 && st.st_nlink == 2) {
        close(fd);
        return;
    }
    dir = fdopendir(fd);
    if (dir == NULL)
        err(1, "fdopendir");
    while ((d = readdir(dir)) != NULL) {
        int sub;

        if (d->d_type != DT_DIR || strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        sub = openat(fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub < 0)
            err(1, "%s", d->d_name);
        walk(sub);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    int fd;

    leaf = argc > 2 && strcmp(argv[1], "--leaf") == 0;
    if (argc != 2 + leaf)
        errx(1, "usage: %s [--leaf] PATH", argv[0]);
    in = inotify_init1(IN_CLOEXEC);
    fd = open(argv[argc - 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (in < 0 || fd < 0)
        err(1, "%s", argv[argc - 1]);
    walk(fd);
    fputs("Watches established.\n", stderr);
    pause();
    return 0;
}
