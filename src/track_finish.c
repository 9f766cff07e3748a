/*
 * track_finish.c - files that are announced though no listing shows them: is a CLOSE_WRITE of
 * theirs still to come?
 *
 * Owns: the files of which that is not known. One that was closed before its directory was
 * watched, and renamed before it was listed, gets a synthetic CLOSE_WRITE under the name that it
 * has then; one that is still open for writing has its writer's own to come, and that may be
 * queued already when the file is found closed. So a file that is found closed waits until the
 * records have caught up with that moment: if none of them tells of its end, none will. Must not
 * know: windows, the tree beyond watch descriptors.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "track_impl.h"

#define WD_MOVING (-4) /* between MOVED_FROM and MOVED_TO: the name is the cookie */
#define TRIES 3        /* marks that may pass without a record that says where it is */

enum look { CLOSED, OPEN, AWAY };

struct file {
    TAILQ_ENTRY(file) order;
    struct file *next; /* of the same bucket */
    struct mark mark;  /* to be gone on with when it passes */
    int32_t wd;        /* of its directory: never used again, unlike the numbers of nodes */
    uint32_t hash;
    uint8_t tries;
    bool closed;  /* nobody had it open for writing when the mark was taken */
    bool regular; /* known to be no fifo, and no device */
    uint8_t len;
    char name[];
};

struct finish {
    TAILQ_HEAD(, file) order; /* marks are taken in order, so they pass in order */
    struct file **bucket;
    size_t n, nbuckets;
    bool noted; /* a LATER_FINISH is in the ring */
};

static struct finish *need(struct track *t)
{
    if (t->finish == NULL) {
        if ((t->finish = calloc(1, sizeof(*t->finish))) == NULL)
            err(1, "out of memory");
        TAILQ_INIT(&t->finish->order);
    }
    return t->finish;
}

static uint32_t hash(int32_t wd, const char *name, size_t len)
{
    uint32_t h = (uint32_t)wd * 2654435761u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ (h >> 15);
}

static struct file *find(const struct finish *s, int32_t wd, const char *name, size_t len)
{
    uint32_t h = hash(wd, name, len);
    struct file *f = s->nbuckets > 0 ? s->bucket[h & (s->nbuckets - 1)] : NULL;

    while (f != NULL &&
           (f->hash != h || f->wd != wd || f->len != len || memcmp(f->name, name, len) != 0))
        f = f->next;
    return f;
}

static void grow(struct finish *s)
{
    size_t n = s->nbuckets > 0 ? s->nbuckets * 2 : 64;
    struct file *f;

    free(s->bucket);
    if ((s->bucket = calloc(n, sizeof(struct file *))) == NULL)
        err(1, "out of memory");
    s->nbuckets = n;
    TAILQ_FOREACH(f, &s->order, order) {
        f->next = s->bucket[f->hash & (n - 1)];
        s->bucket[f->hash & (n - 1)] = f;
    }
}

static void drop(struct finish *s, struct file *f)
{
    struct file **p = &s->bucket[f->hash & (s->nbuckets - 1)];

    while (*p != f)
        p = &(*p)->next;
    *p = f->next;
    TAILQ_REMOVE(&s->order, f, order);
    s->n--;
    free(f);
}

/* Is gone on with when all that is queued by now has been worked off. */
static void put_off(struct track *t, struct file *f)
{
    struct finish *s = t->finish;

    f->mark = backlog_mark(t->backlog);
    TAILQ_REMOVE(&s->order, f, order);
    TAILQ_INSERT_TAIL(&s->order, f, order);
    if (!s->noted)
        later_add(t, LATER_FINISH, NODE_NONE, -1);
    else if (t->owing > 0)
        later_owe(t, LATER_FINISH, NODE_NONE);
    s->noted = true;
}

static struct file *add(struct track *t, int32_t wd, const char *name, size_t len)
{
    struct finish *s = need(t);
    struct file *f = find(s, wd, name, len);

    if (f != NULL)
        drop(s, f);
    if (s->n >= s->nbuckets)
        grow(s);
    if ((f = calloc(1, sizeof(*f) + len)) == NULL)
        err(1, "out of memory");
    f->wd = wd;
    f->hash = hash(wd, name, len);
    f->len = (uint8_t)len;
    memcpy(f->name, name, len);
    f->next = s->bucket[f->hash & (s->nbuckets - 1)];
    s->bucket[f->hash & (s->nbuckets - 1)] = f;
    TAILQ_INSERT_TAIL(&s->order, f, order);
    s->n++;
    put_off(t, f);
    return f;
}

static enum look look(struct track *t, nodeid dir, const struct file *f)
{
    const int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    struct stat st;
    int fd;

    if (!f->regular) {
        if (reach_stat(t->reach, dir, f->name, f->len, &st) < 0)
            return AWAY;
        if (!S_ISREG(st.st_mode))
            return OPEN;
    }
    fd = reach_entry(t->reach, dir, f->name, f->len, flags);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ESTALE ? AWAY : CLOSED;
    return track_is_finished(t, dir, (struct str){ f->name, f->len }, fd) ? CLOSED : OPEN;
}

static void try(struct track *t, struct file *f)
{
    nodeid dir = tree_by_wd(t->tree, f->wd);
    enum look found = OPEN;

    if (dir != NODE_NONE && !(tree_node(t->tree, dir)->flags & NODE_GONE))
        found = look(t, dir, f);
    f->closed = found == CLOSED;
    if (found == OPEN || (found == AWAY && ++f->tries > TRIES))
        drop(t->finish, f);
    else
        put_off(t, f);
}

/* It was closed, and its directory was not watched then: no record has told. */
static void say(struct track *t, struct file *f)
{
    nodeid dir = tree_by_wd(t->tree, f->wd);

    if (f->closed && dir != NODE_NONE && !(tree_node(t->tree, dir)->flags & NODE_GONE))
        track_synthetic(t, dir, (struct str){ f->name, f->len }, IN_CLOSE_WRITE);
    drop(t->finish, f);
}

void finish_expect(struct track *t, nodeid dir, struct str name)
{
    struct file *f;

    if (!(ask_own(t, dir) & IN_CLOSE_WRITE))
        return;
    f = add(t, tree_node(t->tree, dir)->wd, name.s, name.len);
    f->regular = true;
    try(t, f);
}

void finish_leaves(struct track *t, const struct raw *r)
{
    char cookie[sizeof(r->cookie)];

    if (!(ask_own(t, tree_by_wd(t->tree, r->wd)) & IN_CLOSE_WRITE))
        return;
    memcpy(cookie, &r->cookie, sizeof(cookie));
    (void)add(t, WD_MOVING, cookie, sizeof(cookie));
}

bool finish_empty(const struct track *t)
{
    return t->finish == NULL || t->finish->n == 0;
}

void finish_record(struct track *t, const struct raw *r)
{
    char cookie[sizeof(r->cookie)];
    struct file *f;

    if (finish_empty(t))
        return;
    f = find(t->finish, r->wd, r->name, r->namelen);
    if (f != NULL && (r->mask & (IN_CLOSE_WRITE | IN_MODIFY))) {
        drop(t->finish, f); /* its writer is heard */
    } else if (f != NULL && f->closed && (r->mask & (DISAPPEARS | IN_MOVED_TO))) {
        say(t, f);
    } else if (f != NULL && (r->mask & (DISAPPEARS | IN_MOVED_TO))) {
        drop(t->finish, f);
        if (r->mask & IN_MOVED_FROM)
            finish_leaves(t, r);
    }
    if (!(r->mask & IN_MOVED_TO))
        return;
    memcpy(cookie, &r->cookie, sizeof(cookie));
    f = find(t->finish, WD_MOVING, cookie, sizeof(cookie));
    if (f != NULL) {
        drop(t->finish, f);
        try(t, add(t, r->wd, r->name, r->namelen));
    }
}

void finish_run(struct track *t)
{
    struct finish *s = t->finish;
    struct file *f;

    s->noted = false;
    while ((f = TAILQ_FIRST(&s->order)) != NULL && backlog_passed(t->backlog, &f->mark)) {
        if (f->closed || f->wd == WD_MOVING)
            say(t, f);
        else
            try(t, f);
    }
    if (f != NULL && !s->noted) {
        later_add(t, LATER_FINISH, NODE_NONE, -1);
        s->noted = true;
    }
}

void finish_free(struct finish *s)
{
    struct file *f;

    if (s == NULL)
        return;
    while ((f = TAILQ_FIRST(&s->order)) != NULL)
        drop(s, f);
    free(s->bucket);
    free(s);
}
