/*
 * storm_ops.c - the operations of the storm.
 *
 * Owns: what can happen to a tree, and how often. Names are few and shared by directories and
 * files, so that everything collides with everything: a name is a file now, a directory a moment
 * later and a symlink after that. Several processes do this at once; that an operation fails
 * because another process was quicker is expected, and part of the storm.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"

#define DIR_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH 6

/* The last few are rare: they are there for the output's sake, and for the mount point. */
static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h",
                                     "m\xc3\xbcll", "bad\xff\xfe", "two\nlines\"\\",
                                     " \x1b[1m", "mnt" };

#define COMMON 8
#define ALL (sizeof(names) / sizeof(*names))

static uint32_t draw(struct storm *s, uint32_t below)
{
    /* xorshift64*: the same storm for the same seed on every machine. */
    s->rng ^= s->rng >> 12;
    s->rng ^= s->rng << 25;
    s->rng ^= s->rng >> 27;
    return (uint32_t)(((s->rng * 2685821657736338717u) >> 33) % below);
}

static const char *name(struct storm *s)
{
    return names[draw(s, 40) == 0 ? draw(s, (uint32_t)ALL) : draw(s, COMMON)];
}

/* A directory at or below `top`, by a descriptor that stays true wherever it is moved. */
static int somewhere(struct storm *s, int top)
{
    int at = openat(top, ".", DIR_FLAGS);

    for (int depth = 0; depth < DEPTH && draw(s, 4) != 0; depth++) {
        int next = -1;

        for (int i = 0; i < 4 && next < 0; i++)
            next = openat(at, name(s), DIR_FLAGS);
        if (next < 0)
            break;
        close(at);
        at = next;
    }
    return at;
}

static bool make_file(struct storm *s, int dir, const char *path)
{
    int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool write_some = draw(s, 2) == 0;

    if (fd < 0)
        return false;
    if (write_some)
        (void)!write(fd, path, strlen(path));
    close(fd);
    return true;
}

/* Removes what has that name with all below it, whatever the others are doing to it. */
static bool remove_tree(int dir, const char *path)
{
    const struct dirent *d;
    DIR *list;
    int fd;

    if (unlinkat(dir, path, 0) == 0)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return false;
    fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    if ((list = fdopendir(fd)) == NULL) {
        close(fd);
        return false;
    }
    while ((d = readdir(list)) != NULL)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            (void)remove_tree(fd, d->d_name);
    closedir(list);
    return unlinkat(dir, path, AT_REMOVEDIR) == 0;
}

/* A tree of some depth under that name, with files, built at once. */
static bool build(struct storm *s, int dir, const char *path, unsigned depth)
{
    unsigned n = 1 + draw(s, 3);
    int fd;

    if (mkdirat(dir, path, 0755) < 0)
        return false;
    fd = openat(dir, path, DIR_FLAGS);
    if (fd < 0)
        return false;
    while (n-- > 0) {
        if (depth > 0 && draw(s, 2) == 0)
            (void)build(s, fd, name(s), depth - 1);
        else
            (void)make_file(s, fd, name(s));
    }
    close(fd);
    return true;
}

static bool op_mkdir(struct storm *s, int dir)
{
    return mkdirat(dir, name(s), 0755) == 0;
}

/*
 * mkdir -p and a file in the innermost directory at once. Not by a path: one of the names may be
 * a symlink that leads out of the tree, and the storm is to stay within.
 */
static bool op_nest(struct storm *s, int dir)
{
    unsigned depth = 2 + draw(s, 3);
    int at = dir;
    bool ok;

    while (depth-- > 0) {
        const char *n = name(s);
        int next = -1;

        if (mkdirat(at, n, 0755) == 0 || errno == EEXIST)
            next = openat(at, n, DIR_FLAGS);
        if (at != dir)
            close(at);
        if (next < 0)
            return false;
        at = next;
    }
    ok = make_file(s, at, name(s));
    close(at);
    return ok;
}

static bool op_build(struct storm *s, int dir)
{
    return build(s, dir, name(s), 2);
}

static bool op_create(struct storm *s, int dir)
{
    return make_file(s, dir, name(s));
}

static bool op_append(struct storm *s, int dir)
{
    int fd = openat(dir, name(s), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return false;
    ok = write(fd, "more", 4) == 4;
    close(fd);
    return ok;
}

/* A file that stays open for writing for a while, and is closed then, wherever it is. */
static bool op_hold(struct storm *s, int dir)
{
    int *slot = &s->held[draw(s, HELD)];

    if (*slot >= 0) {
        (void)!write(*slot, "last", 4);
        close(*slot);
    }
    *slot = openat(dir, name(s), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    return *slot >= 0;
}

static bool op_unlink(struct storm *s, int dir)
{
    return unlinkat(dir, name(s), 0) == 0;
}

static bool op_rmdir(struct storm *s, int dir)
{
    return unlinkat(dir, name(s), AT_REMOVEDIR) == 0;
}

static bool op_remove(struct storm *s, int dir)
{
    return remove_tree(dir, name(s));
}

/* The same name again at once, as another directory: events of the two must not be mixed up. */
static bool op_again(struct storm *s, int dir)
{
    const char *n = name(s);
    int fd;

    (void)remove_tree(dir, n);
    if (mkdirat(dir, n, 0755) < 0)
        return false;
    fd = openat(dir, n, DIR_FLAGS);
    if (fd < 0)
        return false;
    (void)make_file(s, fd, name(s));
    close(fd);
    return true;
}

static bool rename_by(struct storm *s, int from, int to, unsigned flags)
{
    const char *a = name(s), *b = draw(s, 3) == 0 ? a : name(s);

    return renameat2(from, a, to, b, flags) == 0;
}

static bool op_rename(struct storm *s, int dir)
{
    return rename_by(s, dir, dir, 0);
}

static bool within(struct storm *s, int dir, unsigned flags)
{
    int to = somewhere(s, s->root);
    bool ok = rename_by(s, dir, to, flags);

    close(to);
    return ok;
}

static bool op_move(struct storm *s, int dir)
{
    return within(s, dir, 0);
}

static bool op_exchange(struct storm *s, int dir)
{
    return draw(s, 2) == 0 ? within(s, dir, RENAME_EXCHANGE)
                           : rename_by(s, dir, dir, RENAME_EXCHANGE);
}

static bool op_noreplace(struct storm *s, int dir)
{
    return within(s, dir, RENAME_NOREPLACE);
}

/* A new tree that goes into its own sibling, likely while that is being scanned. */
static bool op_sibling(struct storm *s, int dir)
{
    const char *a = name(s), *b = name(s), *c = name(s);
    bool ok;
    int fd;

    (void)build(s, dir, a, 2);
    (void)mkdirat(dir, b, 0755);
    fd = openat(dir, b, DIR_FLAGS);
    if (fd < 0)
        return false;
    ok = renameat2(dir, a, fd, c, 0) == 0;
    if (ok && draw(s, 2) == 0)
        (void)renameat2(fd, c, dir, a, 0);
    close(fd);
    return ok;
}

/* Two renames that look like an exchange but for what is left at the end. */
static bool op_there_and_back(struct storm *s, int dir)
{
    const char *a = name(s), *b = name(s);

    return renameat2(dir, a, dir, b, 0) == 0 && renameat2(dir, b, dir, a, 0) == 0;
}

static bool op_out(struct storm *s, int dir)
{
    int to = draw(s, 3) == 0 ? somewhere(s, s->outside) : openat(s->outside, ".", DIR_FLAGS);
    bool ok = rename_by(s, dir, to, draw(s, 8) == 0 ? RENAME_EXCHANGE : 0);

    close(to);
    return ok;
}

static bool op_in(struct storm *s, int dir)
{
    int from = draw(s, 3) == 0 ? somewhere(s, s->outside) : openat(s->outside, ".", DIR_FLAGS);
    bool ok = rename_by(s, from, dir, 0);

    close(from);
    return ok;
}

/* Out and in again under another name, without a pause. */
static bool op_round(struct storm *s, int dir)
{
    const char *a = name(s), *b = name(s);
    int to = somewhere(s, s->root);
    bool ok = renameat2(dir, a, s->outside, b, 0) == 0 &&
              renameat2(s->outside, b, to, name(s), 0) == 0;

    close(to);
    return ok;
}

/* What happens outside is nobody's business, but for what is moved in later. */
static bool op_outside(struct storm *s, int dir)
{
    int at;
    bool ok;

    (void)dir;
    if (draw(s, 3) == 0)
        return remove_tree(s->outside, name(s));
    if (draw(s, 2) == 0)
        return build(s, s->outside, name(s), 3);
    at = somewhere(s, s->outside);
    ok = draw(s, 2) == 0 ? make_file(s, at, name(s)) : mkdirat(at, name(s), 0755) == 0;
    close(at);
    return ok;
}

static bool op_link(struct storm *s, int dir)
{
    const char *a = name(s), *b = name(s);
    int to = somewhere(s, s->root);
    bool ok = linkat(dir, a, to, b, 0) == 0;

    /* A rename of one name of an inode over another does nothing, and is no event. */
    if (ok && draw(s, 3) == 0)
        (void)renameat(dir, a, to, b);
    close(to);
    return ok;
}

static bool op_symlink(struct storm *s, int dir)
{
    static const char *const targets[] = { "nowhere", ".", "..", "../..", "a", "b", "loop" };
    const char *n = name(s), *target = targets[draw(s, 7)];

    return symlinkat(strcmp(target, "loop") == 0 ? n : target, dir, n) == 0;
}

static bool op_fifo(struct storm *s, int dir)
{
    return mknodat(dir, name(s), S_IFIFO | 0600, 0) == 0;
}

static bool op_socket(struct storm *s, int dir)
{
    return mknodat(dir, name(s), S_IFSOCK | 0600, 0) == 0;
}

static const struct op {
    const char *name;
    unsigned weight;
    bool (*run)(struct storm *s, int dir);
    bool removes;
} ops[] = {
    { "mkdir", 12, op_mkdir, false },       { "nest", 8, op_nest, false },
    { "build", 3, op_build, false },        { "create", 14, op_create, false },
    { "append", 4, op_append, false },      { "hold", 3, op_hold, false },
    { "unlink", 10, op_unlink, true },      { "rmdir", 6, op_rmdir, true },
    { "remove", 4, op_remove, true },       { "again", 4, op_again, true },
    { "rename", 6, op_rename, false },      { "move", 10, op_move, false },
    { "exchange", 5, op_exchange, false },  { "noreplace", 3, op_noreplace, false },
    { "sibling", 3, op_sibling, false },    { "back", 2, op_there_and_back, false },
    { "out", 4, op_out, true },             { "in", 5, op_in, false },
    { "round", 2, op_round, false },        { "outside", 4, op_outside, false },
    { "link", 4, op_link, false },          { "symlink", 3, op_symlink, false },
    { "fifo", 1, op_fifo, false },          { "socket", 1, op_socket, false },
};

#define NOPS (sizeof(ops) / sizeof(*ops))

unsigned storm_ops(void)
{
    return NOPS;
}

void storm_print(const struct storm *s, FILE *out)
{
    for (size_t i = 0; i < NOPS; i++)
        fprintf(out, "%s%s %u/%u", i > 0 ? ", " : "", ops[i].name, s->tally[i].done,
                s->tally[i].tries);
    fputc('\n', out);
}

void storm_init(struct storm *s, uint64_t seed)
{
    s->rng = (seed + 1) * 0x9e3779b97f4a7c15u | 1;
    for (int i = 0; i < 8; i++)
        (void)draw(s, 2); /* seeds that differ in one bit begin alike */
    for (int i = 0; i < HELD; i++)
        s->held[i] = -1;
}

void storm_finish(struct storm *s)
{
    for (int i = 0; i < HELD; i++)
        if (s->held[i] >= 0)
            close(s->held[i]);
}

static size_t pick_op(struct storm *s)
{
    bool full = *s->entries > s->limit && draw(s, 4) != 0;
    unsigned sum = 0, at;
    size_t i;

    for (i = 0; i < NOPS; i++)
        sum += full && !ops[i].removes ? 0 : ops[i].weight;
    at = draw(s, sum);
    for (i = 0; i < NOPS; i++) {
        unsigned weight = full && !ops[i].removes ? 0 : ops[i].weight;

        if (at < weight)
            break;
        at -= weight;
    }
    return i;
}

void storm_step(struct storm *s)
{
    size_t i = pick_op(s);
    int dir = somewhere(s, s->root);
    bool ok = ops[i].run(s, dir);

    close(dir);
    __atomic_add_fetch(&s->tally[i].tries, 1, __ATOMIC_RELAXED);
    if (ok)
        __atomic_add_fetch(&s->tally[i].done, 1, __ATOMIC_RELAXED);
}

unsigned storm_count(int dir, const char *path)
{
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const struct dirent *d;
    unsigned n = 0;
    DIR *list;

    if (fd < 0)
        return 0;
    if ((list = fdopendir(fd)) == NULL) {
        close(fd);
        return 0;
    }
    while ((d = readdir(list)) != NULL) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        n++;
        if (d->d_type == DT_DIR)
            n += storm_count(fd, d->d_name);
    }
    closedir(list);
    return n;
}
