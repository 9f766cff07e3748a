/*
 * track_model.c - see track_model.h.
 */
#include "config.h"

#include "track_model.h"

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

struct entry {
    char *path;
    bool dir;
    char *stashed; /* renamed away from there, and has not arrived yet */
};

struct model {
    struct entry *e;
    size_t n, cap;
    bool snapshot; /* files are told of even after an overflow */
    bool overflow; /* there was one */
    bool lost;     /* and files are not known any more */
    char *wrong; /* the first contradiction */
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

    if (fstatat(d->fd, "r", &st, 0) < 0)
        return;
    each(arg, "r", &st);
    walk(d->fd, "r", -1, sight, if_dir, &x);
}

void model_snapshot(struct model *m)
{
    m->snapshot = true;
}

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof(*m));

    if (m == NULL)
        err(1, "out of memory");
    return m;
}

static void drop(struct model *m, size_t i)
{
    free(m->e[i].path);
    free(m->e[i].stashed);
    m->e[i] = m->e[--m->n];
}

void model_free(struct model *m)
{
    while (m->n > 0)
        drop(m, m->n - 1);
    free(m->e);
    free(m->wrong);
    free(m);
}

static void add(struct model *m, const char *path, bool dir)
{
    if (m->n == m->cap) {
        m->cap = m->cap > 0 ? m->cap * 2 : 64;
        if ((m->e = reallocarray(m->e, m->cap, sizeof(*m->e))) == NULL)
            err(1, "out of memory");
    }
    m->e[m->n++] = (struct entry){ .path = strdup(path), .dir = dir };
}

static void list_entry(void *arg, const char *path, const struct stat *st)
{
    add(arg, path, S_ISDIR(st->st_mode));
}

void model_list(struct model *m, struct disk *d, const char *root, int depth,
                enum sight (*sight)(const char *path))
{
    struct stat st;

    if (fstatat(d->fd, root, &st, 0) < 0)
        return;
    add(m, root, S_ISDIR(st.st_mode));
    if (S_ISDIR(st.st_mode))
        walk(d->fd, root, depth, sight, list_entry, m);
}

static const struct entry *find(const struct model *m, const char *path)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->e[i].stashed == NULL && strcmp(m->e[i].path, path) == 0)
            return &m->e[i];
    return NULL;
}

static bool is_below(const char *path, const char *top)
{
    size_t len = strlen(top);

    return strncmp(path, top, len) == 0 && path[len] == '/';
}

static bool anything_below(const struct model *m, const char *top)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->e[i].stashed == NULL && is_below(m->e[i].path, top) && (m->e[i].dir || !m->lost))
            return true;
    return false;
}

static void remove_tree(struct model *m, const char *top)
{
    for (size_t i = 0; i < m->n;)
        if (m->e[i].stashed == NULL &&
            (strcmp(m->e[i].path, top) == 0 || is_below(m->e[i].path, top)))
            drop(m, i);
        else
            i++;
}

/* The one that is stashed under the path, and all below it, out of or into the tree. */
static void stash(struct model *m, const char *path)
{
    /* What was renamed away from there earlier, and has not arrived, never will. */
    for (size_t i = 0; i < m->n;)
        if (m->e[i].stashed != NULL && strcmp(m->e[i].stashed, path) == 0)
            drop(m, i);
        else
            i++;
    for (size_t i = 0; i < m->n; i++)
        if (m->e[i].stashed == NULL &&
            (strcmp(m->e[i].path, path) == 0 || is_below(m->e[i].path, path)))
            m->e[i].stashed = strdup(path);
}

static bool unstash(struct model *m, const char *from, const char *to)
{
    bool any = false;

    for (size_t i = 0; i < m->n; i++) {
        struct entry *e = &m->e[i];
        char *path;

        if (e->stashed == NULL || strcmp(e->stashed, from) != 0)
            continue;
        if (asprintf(&path, "%s%s", to, e->path + strlen(from)) < 0)
            err(1, "out of memory");
        free(e->path);
        free(e->stashed);
        e->path = path;
        e->stashed = NULL;
        any = true;
    }
    return any;
}

static void contradiction(struct model *m, const char *what, const char *path)
{
    if (m->wrong == NULL && asprintf(&m->wrong, "%s: %s", path, what) < 0)
        err(1, "out of memory");
}

static void arrives(struct model *m, const struct event *ev, const char *path)
{
    const struct entry *there = find(m, path);
    char *parent = strndup(path, (size_t)(strrchr(path, '/') - path));
    char *from = strndup(ev->from.len > 0 ? ev->from.s : "", ev->from.len);

    /* After a loss files are not known, but with --snapshot; directories are. */
    if (find(m, parent) == NULL)
        contradiction(m, "appears in a directory that is not there", path);
    if (there != NULL && (ev->mask & IN_CREATE) && (there->dir || !m->lost))
        contradiction(m, "CREATE of what is there", path);
    if (there != NULL && anything_below(m, path))
        contradiction(m, "appears over a directory that is not empty", path);
    remove_tree(m, path);
    if (*from == '\0' || !unstash(m, from, path)) {
        if (*from != '\0' && !m->lost)
            contradiction(m, "comes from where nothing went", path);
        add(m, path, ev->mask & IN_ISDIR);
    }
    free(parent);
    free(from);
}

void model_event(struct model *m, const struct event *ev, const char *path)
{
    if (ev->mask & IN_Q_OVERFLOW) {
        m->overflow = true;
        m->lost = !m->snapshot;
    }
    if (ev->name.len == 0)
        return;
    if (ev->mask & (IN_CREATE | IN_MOVED_TO)) {
        arrives(m, ev, path);
        return;
    }
    /* What came and was lost may still be told to have gone: that harms no model. */
    if (find(m, path) == NULL && !m->lost && !(m->overflow && (ev->mask & IN_DELETE)))
        contradiction(m, "event about what is not there", path);
    if (ev->mask & IN_MOVED_FROM) {
        stash(m, path);
    } else if (ev->mask & IN_DELETE) {
        if (!ev->synthetic && !m->overflow && anything_below(m, path))
            contradiction(m, "DELETE of a directory that is not empty", path);
        remove_tree(m, path);
    }
}

struct comparison {
    struct model *m;
    bool files, good;
    size_t n;
};

static void compare(void *arg, const char *path, const struct stat *st)
{
    struct comparison *c = arg;
    const struct entry *e = find(c->m, path);

    if (!c->files && !S_ISDIR(st->st_mode))
        return;
    c->n++;
    if (e != NULL && e->dir == S_ISDIR(st->st_mode))
        return;
    printf("# replay: %s is %s\n", path, e == NULL ? "missing" : "of another kind");
    c->good = false;
}

static enum sight sight_of(enum sight (*sight)(const char *path), const char *path)
{
    char *copy = strdup(path);
    enum sight s = sight(path);

    for (char *p = strchr(copy, '/'); p != NULL && s != SIGHT_NONE; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (strcmp(copy, "r") != 0 && sight(copy) != SIGHT_WATCHED)
            s = SIGHT_NONE;
        *p = '/';
    }
    free(copy);
    return s;
}

bool model_is_disk(struct model *m, struct disk *d, enum sight (*sight)(const char *path))
{
    struct comparison c = { .m = m, .files = !m->lost, .good = true };

    if (m->wrong != NULL) {
        printf("# replay: %s\n", m->wrong);
        c.good = false;
    }
    walk(d->fd, "r", -1, sight, compare, &c);
    for (size_t i = 0; i < m->n; i++) {
        const struct entry *e = &m->e[i];
        struct stat st;

        if (e->stashed != NULL || strcmp(e->path, "r") == 0 || (!c.files && !e->dir) ||
            sight_of(sight, e->path) == SIGHT_NONE)
            continue;
        if (fstatat(d->fd, e->path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            printf("# replay: %s is not on the disk\n", e->path);
            c.good = false;
        }
    }
    return c.good;
}
