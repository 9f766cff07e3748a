/*
 * snapshot.c - see snapshot.h.
 *
 * One entry is 40 bytes, and 4 to 8 more in the hash table: size and time are only ever compared,
 * so a hash of 64 bits stands for them, and one of 32 bits for the inode.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "snapshot.h"

#define CHUNK 1024u
#define TOUCHED 1u /* changed since it was looked at */
#define SEEN 2u
#define QUEUED 4u /* stands in the list of touched ones */

struct entry {
    uint64_t print; /* of size and times */
    uint32_t ino;
    nodeid dir;
    uint32_t hash_next;
    uint32_t next, prev; /* in the same directory */
    uint32_t name;
    uint8_t len;
    uint8_t bits;
};

struct snapshot {
    struct entry **chunks;
    uint32_t nchunks, chunk_cap, used, free;
    size_t count;
    uint32_t *table;
    size_t table_cap;
    uint32_t *heads; /* by node: its first entry */
    size_t nheads;
    uint32_t *touched;
    size_t ntouched, touched_cap;
    struct names *names;
};

static void *need(void *p)
{
    if (p == NULL)
        err(1, "out of memory for --snapshot");
    return p;
}

struct snapshot *snapshot_new(void)
{
    struct snapshot *s = need(calloc(1, sizeof(*s)));

    s->used = 1;
    s->table_cap = 64;
    s->table = need(calloc(s->table_cap, sizeof(*s->table)));
    s->names = names_new();
    return s;
}

void snapshot_free(struct snapshot *s)
{
    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->nchunks; i++)
        free(s->chunks[i]);
    free(s->chunks);
    free(s->table);
    free(s->heads);
    free(s->touched);
    names_free(s->names);
    free(s);
}

size_t snapshot_count(const struct snapshot *s)
{
    return s->count;
}

static struct entry *entry(const struct snapshot *s, uint32_t i)
{
    return &s->chunks[i / CHUNK][i % CHUNK];
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ (h >> 33);
}

static uint64_t fingerprint(const struct stat *st)
{
    uint64_t h = mix((uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec);

    /* The time of change as well: a second write within one tick of mtime's clock. */
    h = mix(h, (uint64_t)st->st_mtim.tv_nsec);
    return mix(h, st->st_mode & S_IFMT);
}

static uint32_t fold(uint64_t ino)
{
    return (uint32_t)(mix(ino, 1) >> 32);
}

static size_t slot(const struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    uint32_t h = 2166136261u ^ (dir * 2654435761u);

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return (h ^ (h >> 15)) & (s->table_cap - 1);
}

static uint32_t *link_of(const struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    uint32_t *p = &s->table[slot(s, dir, name, len)];

    while (*p != 0) {
        struct entry *e = entry(s, *p);

        if (e->dir == dir && e->len == len && memcmp(names_get(s->names, e->name), name, len) == 0)
            break;
        p = &e->hash_next;
    }
    return p;
}

static void grow(struct snapshot *s)
{
    size_t cap = s->table_cap;
    uint32_t *old = s->table;

    s->table_cap = cap * 2;
    s->table = need(calloc(s->table_cap, sizeof(*s->table)));
    for (size_t i = 0; i < cap; i++)
        for (uint32_t at = old[i], next; at != 0; at = next) {
            struct entry *e = entry(s, at);
            size_t h = slot(s, e->dir, names_get(s->names, e->name), e->len);

            next = e->hash_next;
            e->hash_next = s->table[h];
            s->table[h] = at;
        }
    free(old);
}

static uint32_t *head(struct snapshot *s, nodeid dir)
{
    if (dir >= s->nheads) {
        size_t n = s->nheads > 0 ? s->nheads * 2 : 64;

        while (n <= dir)
            n *= 2;
        s->heads = need(reallocarray(s->heads, n, sizeof(*s->heads)));
        memset(s->heads + s->nheads, 0, (n - s->nheads) * sizeof(*s->heads));
        s->nheads = n;
    }
    return &s->heads[dir];
}

static uint32_t add(struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    uint32_t i = s->free, *h, *at;
    struct entry *e;

    if (s->count >= s->table_cap)
        grow(s);
    if (i != 0) {
        s->free = entry(s, i)->next;
    } else {
        if (s->used == s->nchunks * CHUNK || s->nchunks == 0) {
            if (s->nchunks == s->chunk_cap) {
                s->chunk_cap = s->chunk_cap > 0 ? s->chunk_cap * 2 : 16;
                s->chunks = need(reallocarray(s->chunks, s->chunk_cap, sizeof(*s->chunks)));
            }
            s->chunks[s->nchunks++] = need(malloc(CHUNK * sizeof(struct entry)));
        }
        i = s->used++;
    }
    h = &s->table[slot(s, dir, name, len)];
    at = head(s, dir);
    e = entry(s, i);
    *e = (struct entry){ .dir = dir, .hash_next = *h, .next = *at, .len = (uint8_t)len };
    e->name = names_put(s->names, name, len);
    if (*at != 0)
        entry(s, *at)->prev = i;
    *h = *at = i;
    s->count++;
    return i;
}

static void drop(struct snapshot *s, uint32_t i)
{
    struct entry *e = entry(s, i);
    uint32_t *p = link_of(s, e->dir, names_get(s->names, e->name), e->len);

    *p = e->hash_next;
    if (e->prev != 0)
        entry(s, e->prev)->next = e->next;
    else
        *head(s, e->dir) = e->next;
    if (e->next != 0)
        entry(s, e->next)->prev = e->prev;
    names_drop(s->names, e->name, e->len);
    /* It may still stand in the list of touched ones: that finds it without a directory. */
    e->dir = NODE_NONE;
    e->next = s->free;
    s->free = i;
    s->count--;
}

bool snapshot_has(const struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    return *link_of(s, dir, name, len) != 0;
}

enum snapshot_verdict snapshot_see(struct snapshot *s, nodeid dir, const char *name, size_t len,
                                   const struct stat *st)
{
    uint32_t i = *link_of(s, dir, name, len);
    enum snapshot_verdict v = SNAPSHOT_NEW;
    uint64_t print = fingerprint(st);
    uint32_t ino = fold(st->st_ino);
    struct entry *e;

    if (i == 0) {
        i = add(s, dir, name, len);
        e = entry(s, i);
    } else {
        e = entry(s, i);
        if (e->bits & TOUCHED)
            v = SNAPSHOT_CHANGED;
        else
            v = e->ino != ino       ? SNAPSHOT_REPLACED
                : e->print != print ? SNAPSHOT_CHANGED
                                    : SNAPSHOT_SAME;
    }
    e->ino = ino;
    e->print = print;
    e->bits = (uint8_t)((e->bits & QUEUED) | SEEN);
    return v;
}

void snapshot_look(struct snapshot *s, nodeid dir, const char *name, size_t len,
                   const struct stat *st)
{
    uint32_t i = *link_of(s, dir, name, len);
    struct entry *e;

    if (i == 0)
        return;
    e = entry(s, i);
    if (st == NULL) {
        e->bits |= TOUCHED;
        return;
    }
    e->ino = fold(st->st_ino);
    e->print = fingerprint(st);
}

void snapshot_touch(struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    uint32_t i = *link_of(s, dir, name, len);
    struct entry *e;

    if (i == 0)
        i = add(s, dir, name, len);
    e = entry(s, i);
    e->bits |= TOUCHED;
    if (e->bits & QUEUED)
        return;
    e->bits |= QUEUED;
    if (s->ntouched == s->touched_cap) {
        s->touched_cap = s->touched_cap > 0 ? s->touched_cap * 2 : 64;
        s->touched = need(reallocarray(s->touched, s->touched_cap, sizeof(*s->touched)));
    }
    s->touched[s->ntouched++] = i;
}

void snapshot_drop(struct snapshot *s, nodeid dir, const char *name, size_t len)
{
    uint32_t i = *link_of(s, dir, name, len);

    if (i != 0)
        drop(s, i);
}

void snapshot_drop_dir(struct snapshot *s, nodeid dir)
{
    if (dir >= s->nheads)
        return;
    while (s->heads[dir] != 0)
        drop(s, s->heads[dir]);
}

bool snapshot_next_touched(struct snapshot *s, nodeid *dir, struct str *name)
{
    while (s->ntouched > 0) {
        struct entry *e = entry(s, s->touched[--s->ntouched]);

        if (e->dir == NODE_NONE || !(e->bits & QUEUED))
            continue;
        e->bits &= (uint8_t)~(QUEUED | TOUCHED);
        *dir = e->dir;
        *name = (struct str){ names_get(s->names, e->name), e->len };
        return true;
    }
    return false;
}

bool snapshot_next_unseen(struct snapshot *s, nodeid dir, uint32_t *at, struct str *name)
{
    uint32_t i = *at == 0 ? *head(s, dir) : *at;

    while (i != 0 && i != UINT32_MAX) {
        struct entry *e = entry(s, i);

        i = e->next;
        if (e->bits & SEEN) {
            e->bits &= (uint8_t)~SEEN;
            continue;
        }
        *at = i != 0 ? i : UINT32_MAX; /* this one may be dropped */
        *name = (struct str){ names_get(s->names, e->name), e->len };
        return true;
    }
    return false;
}
