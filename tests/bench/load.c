/*
 * load.c - makes trees and events. Prints "COUNT SECONDS": what was made, and how long it took.
 *
 *   load tree PATH DIRS FILES wide|deep|flat
 *                                         wide: a hundred in each directory; deep: chains of fifty;
 *                                         flat: all of them in one
 *   load files DIR FILES EVENTS           OPEN, MODIFY, CLOSE_WRITE of one file after the other
 *   load dirs DIR DIRS EVENTS             the same, of one file in each of DIR/0, DIR/1 ...
 *   load hot FILE WRITES                  write(2) to one file: events that the kernel may merge
 *   load pair DIR WRITES                  write(2) to two files in turn: none can be merged
 *   load renames DIR FILES EVENTS         MOVED_FROM, MOVED_TO; the files are made at the first time
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int open_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        err(1, "%s", path);
    return fd;
}

static void put(int fd)
{
    if (pwrite(fd, "x", 1, 0) != 1)
        err(1, "write");
}

static void enter(const char *dir)
{
    if (mkdir(dir, 0700) < 0 && access(dir, F_OK) < 0)
        err(1, "%s", dir);
    if (chdir(dir) < 0)
        err(1, "%s", dir);
}

static void fill(long files)
{
    char name[32];

    for (long i = 0; i < files; i++) {
        snprintf(name, sizeof(name), "file-%ld.c", i);
        close(open_file(name));
    }
}

/* DIRS directories, the top not counted. */
static void make_tree(const char *top, long dirs, long files, long width, long depth)
{
    int root;
    char name[32];

    enter(top);
    root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (long made = 0; made < dirs;) {
        long side = width;

        if (fchdir(root) < 0)
            err(1, "fchdir");
        /* A chain of `depth` directories, the last of which holds `width` more. */
        for (long d = 0; d < depth && made < dirs; d++, made++) {
            snprintf(name, sizeof(name), "dir-%ld", made);
            enter(name);
            fill(files);
        }
        for (; side > 0 && made < dirs; side--, made++) {
            snprintf(name, sizeof(name), "dir-%ld", made);
            enter(name);
            fill(files);
            if (chdir("..") < 0)
                err(1, "..");
        }
    }
}

static void touch(const char *path)
{
    int fd = open_file(path);

    put(fd);
    close(fd);
}

static long number(const char *s)
{
    char *end;
    long n = strtol(s, &end, 10);

    if (*end != '\0' || n < 0)
        errx(1, "'%s' is not a number", s);
    return n;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char a[64], b[64];
    long made = 0;
    double start;

    if (strcmp(what, "tree") == 0 && argc == 6) {
        int deep = strcmp(argv[5], "deep") == 0, flat = strcmp(argv[5], "flat") == 0;

        start = now();
        made = number(argv[3]);
        make_tree(argv[2], made, number(argv[4]), deep ? 0 : flat ? made : 100,
                  deep ? 50 : flat ? 0 : 1);
    } else if (strcmp(what, "files") == 0 && argc == 5) {
        long files = number(argv[3]), events = number(argv[4]);

        enter(argv[2]);
        start = now();
        for (long i = 0; made < events; i++, made += 3) {
            snprintf(a, sizeof(a), "file-%ld.c", i % files);
            touch(a);
        }
    } else if (strcmp(what, "dirs") == 0 && argc == 5) {
        long dirs = number(argv[3]), events = number(argv[4]);

        enter(argv[2]);
        start = now();
        for (long i = 0; made < events; i++, made += 3) {
            snprintf(a, sizeof(a), "%ld/file.c", i % dirs);
            touch(a);
        }
    } else if (strcmp(what, "hot") == 0 && argc == 4) {
        int fd = open_file(argv[2]);
        long writes = number(argv[3]);

        start = now();
        for (; made < writes; made++)
            put(fd);
    } else if (strcmp(what, "pair") == 0 && argc == 4) {
        long writes = number(argv[3]);
        int fd[2];

        enter(argv[2]);
        fd[0] = open_file("hot-0.c");
        fd[1] = open_file("hot-1.c");
        start = now();
        for (; made < writes; made++)
            put(fd[made & 1]);
    } else if (strcmp(what, "renames") == 0 && argc == 5) {
        long files = number(argv[3]), events = number(argv[4]);

        enter(argv[2]);
        if (access("file-0.c", F_OK) < 0 && access("moved-0.c", F_OK) < 0)
            fill(files);
        start = now();
        for (long i = 0; made < events; i++, made += 2) {
            snprintf(a, sizeof(a), "file-%ld.c", i % files);
            snprintf(b, sizeof(b), "moved-%ld.c", i % files);
            if (rename(a, b) < 0 && rename(b, a) < 0)
                err(1, "rename");
        }
    } else {
        errx(1, "usage: load tree|files|dirs|hot|pair|renames ...: see the top of load.c");
    }
    printf("%ld %.6f\n", made, now() - start);
    return 0;
}
