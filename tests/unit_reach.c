/*
 * unit_reach.c - from a node to the directory on the disk, however long the way, and only if it is
 * still the same.
 */
#include "config.h"

#include "inotify.h"
#include "reach.h"
#include "tap.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char base[] = "/tmp/pywatch-reach-XXXXXX"; /* the test's own directory */

static int error_of(int got)
{
    int error = errno;

    if (got >= 0) {
        close(got);
        return 0;
    }
    return error;
}

static void remember(struct tree *t, nodeid id, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        err(1, "%s", path);
    tree_node(t, id)->ino = st.st_ino;
    tree_node(t, id)->dev = reach_dev(st.st_dev);
}

static bool leads_to(int fd, const char *path)
{
    struct stat a, b;
    bool same = fd >= 0 && fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
                a.st_dev == b.st_dev;

    if (fd >= 0)
        close(fd);
    return same;
}

static void make(const char *path)
{
    if (mkdir(path, 0755) < 0)
        err(1, "%s", path);
}

static void plain(void)
{
    struct tree *t = tree_new();
    struct reach *r = reach_new(t);
    nodeid root, a, b;
    struct stat st;
    int fd;

    make("r");
    make("r/a");
    make("r/a/b");
    root = tree_add_root(t, "r/", true);
    a = tree_add(t, root, "a", 1);
    b = tree_add(t, a, "b", 1);
    ok(leads_to(reach_open(r, root), "r"), "the root");
    ok(leads_to(reach_open(r, b), "r/a/b"), "a directory below it");
    remember(t, b, "r/a/b");
    ok(leads_to(reach_open(r, b), "r/a/b"), "the one that was armed");
    if (chdir("/") < 0)
        err(1, "chdir");
    fd = reach_open(r, b);
    if (chdir(base) < 0)
        err(1, "chdir");
    ok(leads_to(fd, "r/a/b"), "relative to where it began, not to where we are");

    ok(rename("r/a/b", "r/a/old") == 0 && mkdir("r/a/b", 0755) == 0, "another takes its place");
    is_num(error_of(reach_open(r, b)), ESTALE, "which is stale");
    ok(rmdir("r/a/b") == 0, "none has its place");
    is_num(error_of(reach_open(r, b)), ENOENT, "which is not there");
    ok(symlink("old", "r/a/b") == 0, "a link to it has its place");
    ok(leads_to(reach_open(r, b), "r/a/old"), "and it is the same");
    ok(unlink("r/a/b") == 0 && close(creat("r/a/b", 0600)) == 0, "a file has its place");
    is_num(error_of(reach_open(r, b)), ENOTDIR, "which is none");

    ok(leads_to(reach_entry(r, a, "old", 3, O_RDONLY | O_DIRECTORY), "r/a/old"), "an entry");
    ok(leads_to(reach_entry(r, a, "older", 3, O_RDONLY | O_DIRECTORY), "r/a/old"),
       "whose name is not terminated");
    is_num(error_of(reach_entry(r, a, "none", 4, O_RDONLY)), ENOENT, "one that is not there");
    ok(reach_stat(r, a, "b", 1, &st) == 0 && S_ISREG(st.st_mode), "its kind");
    ok(symlink("nowhere", "r/a/l") == 0 && reach_stat(r, a, "l", 1, &st) == 0 &&
           S_ISLNK(st.st_mode),
       "a link is not followed");
    ok(reach_stat(r, a, "none", 4, &st) == -1 && errno == ENOENT, "nothing is nothing");
    reach_free(r);
    reach_free(NULL);
    tree_free(t);
}

/* Nobody may see how we wait for a lock: no event, and nothing left behind. */
static void barrier(void)
{
    struct tree *t = tree_new();
    struct reach *r = reach_new(t);
    nodeid root = tree_add_root(t, "bar", true), none = tree_add_root(t, "none", true);
    int fd = inotify_open();
    char bytes[1024];

    make("bar");
    inotify_arm(fd, "bar", IN_ALL_EVENTS);
    is_num(reach_barrier(r, root), 0, "a directory");
    is_num(reach_barrier(r, root), 0, "and again");
    ok(reach_barrier(r, none) == -1 && errno == ENOENT, "one that is not there");
    is_num((long long)inotify_read(fd, bytes, sizeof(bytes)), 0, "no event comes of it");
    close(fd);
    reach_free(r);
    tree_free(t);
}

/* A tree deeper than PATH_MAX: the system calls take no such path, so it is made step by step. */
static void deep(void)
{
    enum { DEPTH = 130 };
    struct tree *t = tree_new();
    struct reach *r = reach_new(t);
    nodeid id;
    char name[161], top[PATH_MAX];
    size_t wrong = 0;
    int last, fd;
    struct stat a, b;

    memset(name, 'd', 160);
    name[160] = '\0';
    snprintf(top, sizeof(top), "%s/deep", base);
    make("deep");
    id = tree_add_root(t, top, true);
    last = open("deep", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH; i++) {
        if (mkdirat(last, name, 0755) < 0 ||
            (fd = openat(last, name, O_RDONLY | O_DIRECTORY)) < 0)
            err(1, "level %d", i);
        close(last);
        last = fd;
        id = tree_add(t, id, name, 160);
        fd = reach_open(r, id);
        wrong += fd < 0 || fstat(fd, &a) < 0 || fstat(last, &b) < 0 || a.st_ino != b.st_ino;
        if (fd >= 0)
            close(fd);
    }
    is_num((long long)wrong, 0, "every level down to 20,000 characters of path");
    ok(mkdirat(last, "end", 0755) == 0 &&
           error_of(reach_entry(r, id, "end", 3, O_RDONLY | O_DIRECTORY)) == 0 &&
           reach_stat(r, id, "end", 3, &a) == 0 && reach_barrier(r, id) == 0,
       "an entry down there");
    is_num(error_of(reach_entry(r, id, "none", 4, O_RDONLY)), ENOENT, "one that is not there");
    ok(unlinkat(last, "end", AT_REMOVEDIR) == 0, "gone again");
    close(last);
    /* No descriptor may be left open on the way. */
    last = dup(0);
    close(last);
    for (int i = 0; i < 100; i++)
        (void)error_of(reach_open(r, id));
    fd = dup(0);
    is_num(fd, last, "no descriptor is left open");
    close(fd);
    reach_free(r);
    tree_free(t);
}

/* Every pair of numbers that the kernel's 32 bits can tell apart is told apart. */
static void devices(void)
{
    uint64_t x = 88172645463325252u;
    size_t wrong = 0;

    for (int i = 0; i < 100000; i++) {
        unsigned maj = (unsigned)(x >> 10) & 0xfff, min = (unsigned)(x >> 30) & 0xfffff;
        unsigned other_maj = i % 2 ? maj ^ 1u << i % 12 : maj;
        unsigned other_min = i % 2 ? min : min ^ 1u << i % 20;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        wrong += reach_dev(makedev(maj, min)) == reach_dev(makedev(other_maj, other_min));
        wrong += reach_dev(makedev(maj, min)) != reach_dev(makedev(maj, min));
    }
    is_num((long long)wrong, 0, "device numbers that differ in one bit are different");
}

static void clean_up(void)
{
    char *command;

    if (chdir("/") == 0 && asprintf(&command, "rm -rf %s", base) > 0) {
        if (system(command) != 0)
            warnx("%s is left", base);
        free(command);
    }
}

int main(void)
{
    if (mkdtemp(base) == NULL || chdir(base) < 0)
        err(1, "%s", base);
    plain();
    barrier();
    deep();
    devices();
    clean_up();
    return done_testing();
}
