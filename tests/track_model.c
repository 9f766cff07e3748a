/*
 * track_model.c - see track_model.h.
 */
#include "config.h"

#include "track_model.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *path;
    bool dir;
    char *stashed; /* renamed away from there, and has not arrived yet */
};

struct model {
    struct entry *e;
    size_t n, cap;
    bool follow;   /* "r" goes and comes */
    bool begun;    /* it has been told of (--initial: also that it is not there) */
    bool snapshot; /* files are told of even after an overflow */
    bool overflow; /* there was one */
    bool lost;     /* and files are not known any more */
    char *wrong; /* the first contradiction */
};

void model_follow(struct model *m)
{
    m->follow = true;
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

    if (!disk_stat(d, root, &st))
        return;
    add(m, root, S_ISDIR(st.st_mode));
    if (S_ISDIR(st.st_mode))
        disk_walk(d, root, depth, sight, list_entry, m);
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

/* Its ends and its beginnings take turns. */
static void root_event(struct model *m, const struct event *ev, const char *path)
{
    bool there = find(m, path) != NULL;

    if (ev->mask & IN_CREATE) {
        if (there)
            contradiction(m, "begins, and has not ended", path);
        add(m, path, ev->mask & IN_ISDIR);
    } else if (ev->mask & IN_DELETE_SELF) {
        if (!there && m->begun)
            contradiction(m, "ends, and is not there", path);
        remove_tree(m, path);
    }
    m->begun = true;
}

void model_event(struct model *m, const struct event *ev, const char *path)
{
    if (ev->mask & IN_Q_OVERFLOW) {
        m->overflow = true;
        m->lost = !m->snapshot;
    }
    if (ev->name.len == 0) {
        if (m->follow && strcmp(path, "r") == 0)
            root_event(m, ev, path);
        return;
    }
    if (ev->mask & (IN_CREATE | IN_MOVED_TO)) {
        arrives(m, ev, path);
        return;
    }
    /* What came and was lost may still be told to have gone: that harms no model. What has gone can
     * still be written to and closed. */
    if ((ev->mask & (IN_DELETE | IN_MOVED_FROM)) && find(m, path) == NULL && !m->lost && !(m->overflow && (ev->mask & IN_DELETE)))
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

static void compare_root(struct comparison *c, struct disk *d,
                         enum sight (*sight)(const char *path), const struct stat *st)
{
    bool files = c->files;

    c->files = true;
    compare(c, "r", st);
    c->files = files;
    if (S_ISDIR(st->st_mode))
        disk_walk(d, "r", -1, sight, compare, c);
}

bool model_is_disk(struct model *m, struct disk *d, enum sight (*sight)(const char *path))
{
    struct comparison c = { .m = m, .files = !m->lost, .good = true };
    struct stat root;

    if (!m->follow)
        disk_walk(d, "r", -1, sight, compare, &c);
    else if (disk_stat(d, "r", &root))
        compare_root(&c, d, sight, &root);
    else if (find(m, "r") != NULL)
        contradiction(m, "is told of, and not there", "r");
    if (m->wrong != NULL) {
        printf("# replay: %s\n", m->wrong);
        c.good = false;
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct entry *e = &m->e[i];
        struct stat st;

        if (e->stashed != NULL || strcmp(e->path, "r") == 0 || (!c.files && !e->dir) ||
            sight_of(sight, e->path) == SIGHT_NONE)
            continue;
        if (!disk_stat(d, e->path, &st)) {
            printf("# replay: %s is not on the disk\n", e->path);
            c.good = false;
        }
    }
    return c.good;
}
