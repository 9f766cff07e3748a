/*
 * window.c - see window.h.
 *
 * Names lie one after another in one buffer, entries in the order in which they came, and a hash
 * table of entry numbers finds them: a directory of 200,000 entries costs no more per name than
 * one of ten.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "buf.h"
#include "window.h"

enum state {
    CANDIDATE, /* listed, no record yet */
    MISSED,    /* not listed, but known; no record yet */
    CHANGED,   /* listed and known, but not as it was; no record yet */
    DOUBTFUL,  /* was moved over, or exchanged; no record yet */
    REPLACED,  /* listed, but known as another thing; no record yet */
    FORGOTTEN, /* was a candidate, and a second listing did not show it */
    PRESENT,   /* announced, or its CREATE came */
    ABSENT     /* its DELETE or MOVED_FROM came */
};

struct entry {
    uint32_t at; /* in names */
    uint32_t hash;
    uint16_t len;
    uint8_t kind : 4;
    uint8_t old : 4;
    uint8_t state;
    uint8_t finished : 1;
    uint8_t unseen : 1; /* by the listing that is going on, where it is not the first one */
    uint8_t again : 1;  /* an earlier listing had shown it, or a record told that it went */
};

struct window {
    bool whole;
    struct buf names;
    struct entry *entries;
    size_t n, cap;
    uint32_t *table; /* entry number + 1; 0: free */
    size_t table_cap;
};

struct window *window_new(bool whole)
{
    struct window *w = calloc(1, sizeof(*w));

    if (w == NULL)
        err(1, "out of memory for a listing");
    w->whole = whole;
    return w;
}

void window_free(struct window *w)
{
    if (w == NULL)
        return;
    buf_free(&w->names);
    free(w->entries);
    free(w->table);
    free(w);
}

static uint32_t hash(const char *name, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ (h >> 15);
}

static struct entry *find(const struct window *w, const char *name, size_t len, uint32_t h)
{
    if (w->table_cap == 0)
        return NULL;
    for (size_t i = h & (w->table_cap - 1); w->table[i] != 0; i = (i + 1) & (w->table_cap - 1)) {
        struct entry *e = &w->entries[w->table[i] - 1];

        if (e->hash == h && e->len == len && memcmp(w->names.data + e->at, name, len) == 0)
            return e;
    }
    return NULL;
}

static void place(struct window *w, size_t entry)
{
    size_t i = w->entries[entry].hash & (w->table_cap - 1);

    while (w->table[i] != 0)
        i = (i + 1) & (w->table_cap - 1);
    w->table[i] = (uint32_t)entry + 1;
}

static struct entry *add(struct window *w, const char *name, size_t len, uint32_t h)
{
    struct entry *e;

    if (w->n == w->cap) {
        w->cap = w->cap > 0 ? w->cap * 2 : 8;
        w->entries = reallocarray(w->entries, w->cap, sizeof(*w->entries));
        if (w->entries == NULL)
            err(1, "out of memory for a listing");
    }
    e = &w->entries[w->n];
    *e = (struct entry){ .at = (uint32_t)w->names.len, .hash = h, .len = (uint16_t)len };
    buf_put(&w->names, name, len);
    if ((w->n + 1) * 2 > w->table_cap) {
        w->table_cap = w->table_cap > 0 ? w->table_cap * 2 : 16;
        free(w->table);
        if ((w->table = calloc(w->table_cap, sizeof(*w->table))) == NULL)
            err(1, "out of memory for a listing");
        for (size_t i = 0; i < w->n; i++)
            place(w, i);
    }
    place(w, w->n++);
    return e;
}

bool window_whole(const struct window *w)
{
    return w->whole;
}

bool window_covers(const struct window *w, const char *name, size_t len)
{
    return w->whole || find(w, name, len, hash(name, len)) != NULL;
}

void window_restart(struct window *w)
{
    for (size_t i = 0; i < w->n; i++)
        w->entries[i].unseen = 1;
}

/* A second listing shows a name, of which this was known. */
static void shown_again(struct entry *e, enum entry_kind kind, enum entry_kind old,
                        enum state state)
{
    switch ((enum state)e->state) {
    case ABSENT:
    case FORGOTTEN:
    case CANDIDATE:
        e->kind = kind & 15;
        e->state = CANDIDATE;
        e->again = 1;
        break;
    case MISSED:
        if (kind != (enum entry_kind)e->old && (kind == ENTRY_DIR || e->old == ENTRY_DIR)) {
            e->kind = kind & 15;
            e->state = REPLACED;
            break;
        }
        e->state = PRESENT;
        /* fall through */
    case PRESENT:
        if ((kind == ENTRY_DIR) != (e->kind == ENTRY_DIR)) {
            old = (enum entry_kind)e->kind;
            state = REPLACED;
        }
        if (state != CHANGED && state != REPLACED)
            break;
        e->kind = kind & 15;
        e->old = old & 15;
        e->state = (uint8_t)state;
        break;
    case CHANGED:
    case DOUBTFUL:
    case REPLACED:
        break;
    }
}

static void add_candidate(struct window *w, const char *name, size_t len, enum entry_kind kind,
                          enum entry_kind old, enum state state)
{
    uint32_t h = hash(name, len);
    struct entry *e = find(w, name, len, h);

    if (e == NULL) {
        e = add(w, name, len, h);
        e->kind = kind & 15;
        e->old = old & 15;
        e->state = (uint8_t)state;
    } else if (e->unseen) {
        shown_again(e, kind, old, state);
    }
    /* Else: a listing of a directory that changes meanwhile may show a name twice. */
    e->unseen = 0;
}

/* A second listing does not show it. */
static void not_shown(struct entry *e)
{
    enum state state = (enum state)e->state;

    e->unseen = 0;
    if (state == CANDIDATE) {
        e->state = FORGOTTEN; /* never told, and gone */
    } else if (state == PRESENT || state == CHANGED || state == REPLACED) {
        if (state == PRESENT)
            e->old = e->kind;
        e->state = MISSED;
    }
}

void window_seen(struct window *w, const char *name, size_t len, enum entry_kind kind)
{
    if (find(w, name, len, hash(name, len)) != NULL)
        add_candidate(w, name, len, kind, kind, CANDIDATE);
}

void window_rest(struct window *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->entries[i].unseen)
            not_shown(&w->entries[i]);
}

void window_list(struct window *w, const char *name, size_t len, enum entry_kind kind)
{
    add_candidate(w, name, len, kind, kind, CANDIDATE);
}

static bool undecided(const struct entry *e)
{
    return e->state == CANDIDATE || e->state == CHANGED || e->state == REPLACED;
}

bool window_untold(const struct window *w, const char *name, size_t len)
{
    const struct entry *e = find(w, name, len, hash(name, len));

    return e != NULL && e->state == CANDIDATE && e->again;
}

bool window_listed(const struct window *w, const char *name, size_t len)
{
    const struct entry *e = find(w, name, len, hash(name, len));

    return e != NULL && undecided(e);
}

void window_finished(struct window *w, const char *name, size_t len)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e != NULL)
        e->finished = 1;
}

void window_miss(struct window *w, const char *name, size_t len, enum entry_kind kind)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e == NULL)
        add_candidate(w, name, len, kind, kind, MISSED);
    else if (e->unseen)
        not_shown(e);
}

void window_change(struct window *w, const char *name, size_t len, enum entry_kind kind)
{
    add_candidate(w, name, len, kind, kind, CHANGED);
}

void window_replace(struct window *w, const char *name, size_t len, enum entry_kind kind,
                    enum entry_kind old)
{
    add_candidate(w, name, len, kind, old, REPLACED);
}

void window_doubt(struct window *w, const char *name, size_t len, enum entry_kind kind)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e == NULL)
        add_candidate(w, name, len, kind, kind, DOUBTFUL);
    else {
        e->kind = e->old = kind & 15;
        e->state = DOUBTFUL;
    }
}

void window_turn(struct window *w, const char *name, size_t len, enum entry_kind old)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e != NULL) {
        e->old = old & 15;
        e->state = REPLACED;
    }
}

/* What the first record about a name says of the time before it. */
static enum window_verdict first_record(enum state state, uint32_t mask)
{
    bool appears = mask & (IN_CREATE | IN_MOVED_TO);
    bool disappears = mask & (IN_DELETE | IN_MOVED_FROM);

    switch (state) {
    case CANDIDATE:
    case FORGOTTEN:
    case DOUBTFUL:
        return appears ? WINDOW_NOTHING : WINDOW_ANNOUNCE;
    case MISSED:
        return appears ? WINDOW_VANISHED : WINDOW_NOTHING;
    case CHANGED:
        if (appears)
            return WINDOW_VANISHED;
        return mask & (IN_MODIFY | IN_CLOSE_WRITE) || disappears ? WINDOW_NOTHING
                                                                 : WINDOW_MODIFIED;
    case REPLACED:
        if (appears)
            return WINDOW_VANISHED;
        return disappears ? WINDOW_NOTHING : WINDOW_REPLACED;
    case PRESENT:
        /* Another process may get at a new file before its CREATE is queued: the dentry is
         * visible a moment earlier. The record that came first has announced it. */
        return mask & IN_CREATE ? WINDOW_KNOWN : WINDOW_NOTHING;
    case ABSENT:
        break;
    }
    return WINDOW_NOTHING;
}

static void describe(const struct window *w, const struct entry *e, struct window_entry *out)
{
    *out = (struct window_entry){ .name = w->names.data + e->at,
                                  .len = e->len,
                                  .kind = (enum entry_kind)e->kind,
                                  .old = (enum entry_kind)e->old,
                                  .finished = e->finished,
                                  .listed = undecided(e) };
}

enum window_verdict window_record(struct window *w, const char *name, size_t len, uint32_t mask,
                                  struct window_entry *out)
{
    uint32_t h = hash(name, len);
    struct entry *e = find(w, name, len, h);
    enum window_verdict v;

    *out = (struct window_entry){ 0 };
    if (e == NULL && !w->whole)
        return WINDOW_NOTHING;
    if (e == NULL) {
        /* It was there when the watch was set, and gone at the listing; or it came after. */
        e = add(w, name, len, h);
        e->kind = e->old = mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
        e->state = CANDIDATE;
        describe(w, e, out);
        out->listed = false;
    } else {
        describe(w, e, out);
    }
    v = first_record((enum state)e->state, mask);
    if ((e->state == MISSED || e->state == CHANGED || e->state == REPLACED) &&
        !(mask & (IN_CREATE | IN_MOVED_TO)) &&
        (out->old == ENTRY_DIR) != ((mask & IN_ISDIR) != 0)) {
        /* What was known has gone, and another kind of thing came, both without a record. */
        v = WINDOW_REPLACED;
        out->kind = mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
        e->kind = out->kind & 15;
        e->state = PRESENT;
    }
    /* The listing came later: the record knows what was there before. */
    if (v == WINDOW_ANNOUNCE && (out->kind == ENTRY_DIR) != ((mask & IN_ISDIR) != 0))
        out->kind = mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
    if ((mask & (IN_CREATE | IN_MOVED_TO)) && (e->kind == ENTRY_DIR) != ((mask & IN_ISDIR) != 0))
        e->kind = mask & IN_ISDIR ? ENTRY_DIR : ENTRY_OTHER;
    if (mask & (IN_DELETE | IN_MOVED_FROM))
        e->state = ABSENT;
    /* What has gone can still be written to and closed by who has it open. */
    else if ((e->state != ABSENT && e->state != MISSED) || (mask & (IN_CREATE | IN_MOVED_TO)))
        e->state = PRESENT;
    return v;
}

enum window_said window_said(const struct window *w, const char *name, size_t len,
                             enum entry_kind *kind)
{
    const struct entry *e = find(w, name, len, hash(name, len));

    if (e == NULL || (e->state != PRESENT && e->state != ABSENT))
        return WINDOW_UNSAID;
    *kind = (enum entry_kind)e->kind;
    return e->state == PRESENT ? WINDOW_SAID_THERE : WINDOW_SAID_GONE;
}

void window_correct(struct window *w, const char *name, size_t len, bool there)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e != NULL)
        e->state = there ? PRESENT : ABSENT;
}

void window_told_dir(struct window *w, const char *name, size_t len)
{
    struct entry *e = find(w, name, len, hash(name, len));

    if (e == NULL)
        return;
    e->state = PRESENT;
    e->kind = ENTRY_DIR;
}

bool window_strange(const struct window *w, const char *name, size_t len, uint32_t mask)
{
    const struct entry *e;

    if (mask & (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM))
        return false;
    e = find(w, name, len, hash(name, len));
    if (e == NULL)
        return w->whole;
    return e->state == DOUBTFUL ||
           (e->state == CANDIDATE && (e->kind == ENTRY_DIR) != !!(mask & IN_ISDIR));
}

bool window_settle(struct window *w, const char *name, size_t len)
{
    struct entry *e = find(w, name, len, hash(name, len));
    bool candidate = e != NULL && e->state == CANDIDATE;

    if (candidate || (e != NULL && e->state == FORGOTTEN))
        e->state = PRESENT;
    return candidate;
}

enum window_verdict window_next(struct window *w, size_t *at, struct window_entry *out)
{
    static const enum window_verdict verdict[] = { [CANDIDATE] = WINDOW_ANNOUNCE,
                                                   [MISSED] = WINDOW_VANISHED,
                                                   [DOUBTFUL] = WINDOW_DOUBT,
                                                   [FORGOTTEN] = WINDOW_UNTOLD,
                                                   [CHANGED] = WINDOW_MODIFIED,
                                                   [REPLACED] = WINDOW_REPLACED };
    enum window_verdict v;

    while (*at < w->n) {
        struct entry *e = &w->entries[(*at)++];

        if (e->state == PRESENT || e->state == ABSENT)
            continue;
        describe(w, e, out);
        v = verdict[e->state];
        /* It is being said now, and must not be said again should the window stay open. */
        e->state = v == WINDOW_VANISHED || v == WINDOW_DOUBT || v == WINDOW_UNTOLD ? ABSENT
                                                                                   : PRESENT;
        return v;
    }
    return WINDOW_NOTHING;
}
