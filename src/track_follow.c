/*
 * track_follow.c - --follow: the roots are paths, and what these lead to changes.
 *
 * Owns: what was last told of each path, and what is about to be told. follow.c says which path is
 * to be looked at, and what it leads to. Something new gets its watch at once, as a root of its own
 * beside the old one. It is told of when the records that were queued by then have been worked off,
 * or before its own first one: so what was there has its last records and its end (DELETE_SELF)
 * before what is there begins (CREATE). track_replace.c does that. Must not know: the names on the
 * way of a path.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "track_follow.h"

#define PAUSE_FIRST 500000000 /* ns: others free watches, or the limit is raised */
#define PAUSE_MOST 30000000000
#define ENDS (IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_UNMOUNT | IN_IGNORED)

static void *need(void *p)
{
    if (p == NULL)
        err(1, "out of memory");
    return p;
}

int track_follow(struct track *t)
{
    struct follow *f = follow_new();

    if (f == NULL)
        return errno;
    t->pursuit = need(calloc(1, sizeof(*t->pursuit)));
    t->pursuit->follow = f;
    t->pursuit->found.fd = t->pursuit->found.dir = -1;
    TAILQ_INIT(&t->pursuit->pending);
    TAILQ_INIT(&t->pursuit->closed);
    return 0;
}

void pursuit_free(struct pursuit *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++) {
        buf_free(&p->path[i]->between);
        free(p->path[i]);
    }
    follow_free(p->follow);
    buf_free(&p->found.between);
    free(p->path);
    free(p->of_root);
    free(p);
}

void track_pollfd(const struct track *t, struct pollfd p[2])
{
    follow_pollfd(t->pursuit != NULL ? t->pursuit->follow : NULL, p);
}

void track_polled(struct track *t, const struct pollfd p[2])
{
    follow_polled(t->pursuit != NULL ? t->pursuit->follow : NULL, p);
}

struct pursued *pursued_of(const struct track *t, nodeid id)
{
    const struct node *n = tree_node(t->tree, id);

    return t->pursuit != NULL && (n->flags & NODE_ROOT)
               ? t->pursuit->path[t->pursuit->of_root[n->name] - 1]
               : NULL;
}

nodeid pursued_root(struct track *t, struct pursued *w, const char *path, bool is_dir)
{
    struct pursuit *p = t->pursuit;
    nodeid id = tree_add_root(t->tree, path, is_dir);
    size_t root = tree_node(t->tree, id)->name;

    if (root >= p->nroots) {
        p->nroots = root < 8 ? 16 : root * 2;
        p->of_root = need(reallocarray(p->of_root, p->nroots, sizeof(*p->of_root)));
    }
    p->of_root[root] = w->number + 1;
    return id;
}

void pursued_other(struct track *t, struct pursued *w, int32_t wd)
{
    t->pursuit->nother += (wd >= 0) - (w->other >= 0);
    w->other = wd;
}

void pursued_unwatched(struct track *t, struct pursued *w, int error)
{
    struct pursuit *p = t->pursuit;

    if (error == ENOSPC || error == ENOMEM || error == EMFILE || error == ENFILE) {
        p->pause = p->pause == 0               ? PAUSE_FIRST
                   : p->pause < PAUSE_MOST / 2 ? p->pause * 2
                                               : PAUSE_MOST;
        p->wake = track_now() + p->pause;
    }
    if (w->error != error)
        track_note(t, NOTE_UNWATCHED, w->node, error);
    w->error = error;
}

int pursued_nowhere(struct track *t, struct pursued *w, int error)
{
    if (w->error != error)
        track_note(t, NOTE_AWAITED, w->node, error);
    w->error = error;
    if (w->there || t->pursuit->found.between.len > 0)
        replace_expect(t, w, NODE_NONE);
    return 0;
}

static int look(struct track *t, struct pursued *w)
{
    struct pursuit *p = t->pursuit;
    struct follow_start start;
    int error;

    if (w->pending) {
        w->again = true;
        return 0;
    }
    start.fd = reach_begin(t->reach, &start.path);
    error = follow_look(p->follow, w->number, &start, &p->found);
    switch (error) {
    case 0:
        error = replace_found(t, w);
        break;
    case ENOSPC:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        if (t->armed_once)
            pursued_unwatched(t, w, error);
        break;
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EACCES:
        error = pursued_nowhere(t, w, error);
        break;
    default:
        if (t->armed_once)
            error = pursued_nowhere(t, w, error);
        break;
    }
    follow_close(&p->found);
    reach_leave(t->reach);
    return error;
}

int pursuit_root(struct track *t, const char *path)
{
    struct pursuit *p = t->pursuit;
    struct pursued *w = need(calloc(1, sizeof(*w)));
    int error;

    if (p->n == p->cap) {
        p->cap = p->cap > 0 ? p->cap * 2 : 16;
        p->path = need(reallocarray(p->path, p->cap, sizeof(struct pursued *)));
    }
    p->path[p->n++] = w;
    w->number = follow_add(p->follow, path, t->cfg.flags & IN_DONT_FOLLOW);
    w->other = -1;
    w->node = pursued_root(t, w, path, false);
    (void)follow_next(p->follow, &w->number);
    error = look(t, w);
    /* That it is not there is of interest as well: it will not be told again. */
    if (error == 0 && t->cfg.initial && !w->there && !w->pending) {
        w->there = true;
        replace_expect(t, w, NODE_NONE);
    }
    return error != 0 ? error : t->setup_error;
}

void pursuit_self(struct track *t, nodeid id, uint32_t mask)
{
    struct pursued *w = pursued_of(t, id);

    if (w == NULL)
        return;
    if (mask & (IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE_SELF))
        replace_closed(t, w, false);
    if (mask & IN_DELETE_SELF) {
        w->ended = true;
        replace_below(t, w); /* what it still had to say of entries was lost, if anything */
    }
    if (mask & ENDS)
        follow_doubt(t->pursuit->follow, w->number);
}

bool pursuit_let_go(struct track *t, nodeid id)
{
    struct pursued *w = pursued_of(t, id);

    if (w == NULL)
        return false;
    if (w->pending)
        replace_tell(t, w);
    if (w->node == id)
        replace_end(t, w);
    follow_doubt(t->pursuit->follow, w->number);
    return true;
}

void pursuit_look(struct track *t)
{
    struct pursuit *p = t->pursuit;
    size_t number, most;

    if (p == NULL)
        return;
    most = p->n;
    follow_read(p->follow);
    if (p->wake > 0 && track_now() >= p->wake) {
        p->wake = 0;
        follow_doubt_all(p->follow);
    }
    for (size_t i = 0; p->nother > 0 && i < p->n; i++) {
        int32_t wd = p->path[i]->other;
        nodeid other = tree_by_wd(t->tree, wd);

        /* It is not watched any more under the other path: then under this one. */
        if (wd >= 0 && (other == NODE_NONE || (tree_node(t->tree, other)->flags & NODE_GONE)))
            follow_doubt(p->follow, i);
    }
    /* Each once: one that changes all the time comes round again when records have been read. */
    while (most-- > 0 && follow_next(p->follow, &number))
        (void)look(t, p->path[number]);
    if (p->wake == 0)
        p->pause = 0;
}

bool pursuit_settle(struct track *t)
{
    struct pursuit *p = t->pursuit;
    struct pursued *w, *next;
    bool more = false;

    if (p == NULL)
        return false;
    while ((w = TAILQ_FIRST(&p->closed)) != NULL && backlog_passed(t->backlog, &w->close_mark))
        replace_closed(t, w, true);
    more = w != NULL;
    for (w = TAILQ_FIRST(&p->pending); w != NULL; w = next) {
        next = TAILQ_NEXT(w, order);
        if (!backlog_passed(t->backlog, &w->mark))
            more = true;
        else if (w->until == 0 || w->ended || tree_node(t->tree, w->node)->wd < 0 ||
                 track_now() >= w->until)
            replace_tell(t, w);
    }
    return more || follow_doubts(p->follow);
}

int64_t pursuit_wake(const struct track *t)
{
    const struct pursuit *p = t->pursuit;
    int64_t wake = p != NULL ? p->wake : 0;
    const struct pursued *w;

    if (p == NULL)
        return 0;
    TAILQ_FOREACH(w, &p->pending, order)
    if (w->until > 0 && (wake == 0 || w->until < wake))
        wake = w->until;
    return wake;
}

void pursuit_overflow(struct track *t)
{
    if (t->pursuit != NULL)
        follow_doubt_all(t->pursuit->follow);
}

void pursuit_announce(struct track *t, nodeid id)
{
    struct pursued *w = pursued_of(t, id);

    if (w != NULL && w->next == id)
        replace_tell(t, w);
}
