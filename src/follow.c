/*
 * follow.c - see follow.h.
 *
 * Each name on the way of a path is a step: the watch of a directory, and the name in it that
 * matters to the path. All steps are in one tree, by watch, name and path, so that a record finds
 * the paths that it concerns, and a watch without a step is one that is not needed any more.
 * follow_walk.c takes the steps.
 */
#include "config.h"

#include "follow_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"
#include "inotify.h"

#define APPEARS (IN_CREATE | IN_MOVED_TO)
#define NAMES                                                                           \
    (APPEARS | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB) /* ATTRIB: it may be readable now \
                                                       */
#define ITSELF (IN_DELETE_SELF | IN_MOVE_SELF)
#define MASK (NAMES | ITSELF | IN_ONLYDIR)
#define LOOKS 4 /* looks in a row, for one at which nothing happened meanwhile */

static int compare(const struct step *a, const struct step *b)
{
    int names;

    if (a->wd != b->wd)
        return a->wd < b->wd ? -1 : 1;
    names = strcmp(a->name, b->name);
    if (names != 0)
        return names;
    return a->path < b->path ? -1 : a->path > b->path;
}

RB_GENERATE_INTERNAL(steps, step, by_watch, compare, __attribute__((unused)) static)

struct follow *follow_new(void)
{
    struct follow *f = follow_need(calloc(1, sizeof(*f)));

    RB_INIT(&f->steps);
    TAILQ_INIT(&f->doubted);
    f->fd = inotify_open();
    if (f->fd < 0) {
        free(f);
        return NULL;
    }
    /* A mount over a path makes no inotify record; this file has news then (proc(5)). */
    f->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    return f;
}

void follow_free(struct follow *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->npaths; i++) {
        struct path *p = f->paths[i];
        struct step *s;

        while ((s = LIST_FIRST(&p->steps)) != NULL) {
            LIST_REMOVE(s, of_path);
            free(s);
        }
        free(p->text);
        buf_free(&p->came);
        free(p);
    }
    free(f->paths);
    close(f->fd);
    if (f->mounts >= 0)
        close(f->mounts);
    free(f);
}

static void doubt(struct follow *f, struct path *p)
{
    if (p->doubt)
        return;
    p->doubt = true;
    TAILQ_INSERT_TAIL(&f->doubted, p, doubted);
}

void follow_doubt(struct follow *f, size_t path)
{
    doubt(f, f->paths[path]);
}

void follow_doubt_all(struct follow *f)
{
    for (size_t i = 0; i < f->npaths; i++)
        doubt(f, f->paths[i]);
}

static void undoubt(struct follow *f, struct path *p)
{
    if (!p->doubt)
        return;
    p->doubt = false;
    TAILQ_REMOVE(&f->doubted, p, doubted);
}

size_t follow_add(struct follow *f, const char *text, bool nofollow)
{
    struct path *p = follow_need(calloc(1, sizeof(*p)));

    if (f->npaths == f->cap) {
        f->cap = f->cap > 0 ? f->cap * 2 : 16;
        f->paths = follow_need(reallocarray(f->paths, f->cap, sizeof(struct path *)));
    }
    LIST_INIT(&p->steps);
    p->text = follow_need(strdup(text));
    p->nofollow = nofollow;
    p->slash = *text != '\0' && text[strlen(text) - 1] == '/';
    p->number = f->npaths++;
    f->paths[p->number] = p;
    doubt(f, p);
    return p->number;
}

bool follow_next(struct follow *f, size_t *path)
{
    struct path *p = TAILQ_FIRST(&f->doubted);

    if (p == NULL)
        return false;
    undoubt(f, p);
    *path = p->number;
    return true;
}

bool follow_doubts(const struct follow *f)
{
    return !TAILQ_EMPTY(&f->doubted);
}

size_t follow_watches(const struct follow *f)
{
    return f->nwatches;
}

void follow_between(struct follow *f, void (*hook)(void *arg, const char *name), void *arg)
{
    f->between = hook;
    f->arg = arg;
}

/* ---- records */

static void record(struct follow *f, const struct raw *r)
{
    /* A record without a name is about the directory: all names in it may be others now. */
    struct step key = { .wd = r->wd, .name = r->namelen > 0 ? r->name : "" };
    struct step *s;

    if (r->mask & IN_Q_OVERFLOW) {
        for (size_t i = 0; i < f->npaths; i++)
            f->paths[i]->came.len = 0;
        follow_doubt_all(f);
        return;
    }
    for (s = RB_NFIND(steps, &f->steps, &key); s != NULL; s = RB_NEXT(steps, &f->steps, s)) {
        struct path *p;

        if (s->wd != r->wd || (r->namelen > 0 && strcmp(s->name, r->name) != 0))
            break;
        p = f->paths[s->path];
        if (s == p->last && (r->mask & APPEARS) && (!p->slash || (r->mask & IN_ISDIR)))
            buf_putc(&p->came, r->mask & IN_ISDIR ? 'd' : 'f');
        doubt(f, p);
    }
}

void follow_read(struct follow *f)
{
    _Alignas(struct inotify_event) char bytes[16384];
    ssize_t got;

    while ((got = inotify_read(f->fd, bytes, sizeof(bytes))) > 0) {
        struct raw r;
        size_t size;

        for (ssize_t at = 0; (size = decode(bytes + at, (size_t)(got - at), &r)) > 0;
             at += (ssize_t)size)
            record(f, &r);
        if ((size_t)got + RAW_MAX <= sizeof(bytes))
            break; /* there was room for one more: the queue is empty */
    }
}

void follow_pollfd(const struct follow *f, struct pollfd p[2])
{
    p[0] = (struct pollfd){ .fd = f != NULL ? f->fd : -1, .events = POLLIN };
    p[1] = (struct pollfd){ .fd = f != NULL ? f->mounts : -1, .events = POLLPRI };
}

void follow_polled(struct follow *f, const struct pollfd p[2])
{
    if (f != NULL && p[1].revents != 0)
        follow_doubt_all(f);
}

/* ---- a look */

static void drop_step(struct follow *f, struct step *s)
{
    struct step key = { .wd = s->wd, .name = "" };
    const struct step *other;

    LIST_REMOVE(s, of_path);
    RB_REMOVE(steps, &f->steps, s);
    free(s);
    other = RB_NFIND(steps, &f->steps, &key);
    if (other == NULL || other->wd != key.wd) {
        inotify_disarm(f->fd, key.wd); /* or it has gone with its directory */
        f->nwatches--;
    }
}

int follow_step(struct follow *f, size_t path, int dir, const char *name, struct step **step)
{
    int32_t wd = inotify_arm_fd(f->fd, dir, MASK | IN_MASK_ADD);
    struct step key = { .wd = wd, .path = path, .name = name };
    struct step *s, *near;
    size_t len = strlen(name) + 1;

    if (wd < 0)
        return errno;
    s = RB_FIND(steps, &f->steps, &key);
    if (s == NULL) {
        key.name = "";
        key.path = 0;
        near = RB_NFIND(steps, &f->steps, &key);
        f->nwatches += near == NULL || near->wd != wd;
        s = follow_need(malloc(sizeof(*s) + len));
        *s = (struct step){ .wd = wd, .path = path, .name = (char *)(s + 1) };
        memcpy(s + 1, name, len);
        RB_INSERT(steps, &f->steps, s);
        LIST_INSERT_HEAD(&f->paths[path]->steps, s, of_path);
    }
    s->look = f->look;
    if (step != NULL)
        *step = s;
    return 0;
}

/* One walk: 0 or an errno value. */
static int look(struct follow *f, struct path *p, const struct follow_start *start,
                struct follow_found *found)
{
    struct step *last = NULL, *s, *next;
    int error;

    found->fd = found->dir = -1;
    found->blind = false;
    f->look++;
    error = follow_walk(f, p, start, found, &last);
    /* What is under another name now is not what came under that one. */
    if (last != p->last)
        p->came.len = 0;
    p->last = last;
    for (s = LIST_FIRST(&p->steps); s != NULL; s = next) {
        next = LIST_NEXT(s, of_path);
        if (s->look != f->look)
            drop_step(f, s);
    }
    return error;
}

int follow_look(struct follow *f, size_t path, const struct follow_start *start,
                struct follow_found *found)
{
    struct path *p = f->paths[path];
    int error = 0;

    found->fd = found->dir = -1;
    for (int i = 0; i < LOOKS; i++) {
        /* Nothing of this path changes between the two readings: then it is known what came before
         * the look, and what will come after. */
        follow_close(found);
        follow_read(f);
        undoubt(f, p);
        error = look(f, p, start, found);
        follow_read(f);
        if (!p->doubt)
            break;
    }
    if (p->doubt)
        p->came.len = 0; /* it goes on and on */
    found->between.len = 0;
    buf_put(&found->between, p->came.data, p->came.len);
    p->came.len = 0;
    if (error == 0 && found->between.len > 0)
        found->between.len--; /* that is what has been found */
    return error;
}

void follow_close(struct follow_found *found)
{
    if (found->fd >= 0)
        close(found->fd);
    if (found->dir >= 0)
        close(found->dir);
    found->fd = found->dir = -1;
}
