/*
 * summary.c - see summary.h.
 *
 * A row a watched path, found by a hash of the path; most events are about the same path as the
 * one before, so that row is looked at first. Memory is bounded by the paths that have had an event
 * since it began anew, and with `zero` those that were watched at a table.
 */
#include "config.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "summary.h"
#include "visible.h"

/* In the order of inotifywatch, whose tables scripts read by column. */
static const struct column {
    uint32_t bit;
    const char *name;
} columns[] = {
    { IN_ACCESS, "access" },
    { IN_MODIFY, "modify" },
    { IN_ATTRIB, "attrib" },
    { IN_CLOSE_WRITE, "close_write" },
    { IN_CLOSE_NOWRITE, "close_nowrite" },
    { IN_OPEN, "open" },
    { IN_MOVED_FROM, "moved_from" },
    { IN_MOVED_TO, "moved_to" },
    { IN_MOVE_SELF, "move_self" },
    { IN_CREATE, "create" },
    { IN_DELETE, "delete" },
    { IN_DELETE_SELF, "delete_self" },
    { IN_UNMOUNT, "unmount" },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct row {
    char *path;
    size_t len;
    uint32_t hash;
    int wd; /* of the first event: the order of rows that are equal */
    uint64_t total;
    uint64_t count[COLUMNS];
};

struct summary {
    struct summary_config cfg;
    struct row *rows;
    size_t nrows, room;
    uint32_t *slots; /* number of a row plus one; a power of two of them, at most half in use */
    size_t nslots;
    size_t last; /* the row that was counted last */
    uint64_t events;
};

bool summary_column(const char *name, uint32_t *bit)
{
    if (strcasecmp(name, "total") == 0) {
        *bit = 0;
        return true;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strcasecmp(name, columns[i].name) == 0) {
            *bit = columns[i].bit;
            return true;
        }
    }
    return false;
}

const char *summary_columns(void)
{
    static char all[256];

    if (all[0] == '\0') {
        size_t at = (size_t)snprintf(all, sizeof(all), "total");

        for (size_t i = 0; i < COLUMNS; i++)
            at += (size_t)snprintf(all + at, sizeof(all) - at, ", %s", columns[i].name);
    }
    return all;
}

static void *need(void *memory)
{
    if (memory == NULL)
        err(1, "out of memory for the summary");
    return memory;
}

struct summary *summary_new(const struct summary_config *cfg)
{
    struct summary *s = need(calloc(1, sizeof(*s)));

    s->cfg = *cfg;
    return s;
}

void summary_clear(struct summary *s)
{
    for (size_t i = 0; i < s->nrows; i++)
        free(s->rows[i].path);
    free(s->rows);
    free(s->slots);
    s->rows = NULL;
    s->slots = NULL;
    s->nrows = s->room = s->nslots = s->last = 0;
    s->events = 0;
}

void summary_free(struct summary *s)
{
    if (s == NULL)
        return;
    summary_clear(s);
    free(s);
}

/* FNV-1a. */
static uint32_t hash_of(struct str path)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < path.len; i++)
        h = (h ^ (unsigned char)path.s[i]) * 16777619u;
    return h;
}

static bool is_path(const struct row *r, struct str path)
{
    return r->len == path.len && memcmp(r->path, path.s, path.len) == 0;
}

/* The slot of this path, or the free one where it belongs. */
static size_t slot_of(const struct summary *s, uint32_t hash, struct str path)
{
    size_t i = hash & (s->nslots - 1);

    for (; s->slots[i] != 0; i = (i + 1) & (s->nslots - 1)) {
        const struct row *r = &s->rows[s->slots[i] - 1];

        if (r->hash == hash && is_path(r, path))
            break;
    }
    return i;
}

/* Where each row is now. */
static void reindex(struct summary *s, size_t nslots)
{
    free(s->slots);
    s->nslots = nslots;
    s->slots = need(calloc(s->nslots, sizeof(*s->slots)));
    s->last = 0;
    for (size_t i = 0; i < s->nrows; i++) {
        struct str path = { s->rows[i].path, s->rows[i].len };

        s->slots[slot_of(s, s->rows[i].hash, path)] = (uint32_t)i + 1;
    }
}

static struct row *row_of(struct summary *s, int wd, struct str path)
{
    uint32_t hash;
    size_t slot;
    struct row *r;

    if (s->last < s->nrows && is_path(&s->rows[s->last], path))
        return &s->rows[s->last];
    if (2 * (s->nrows + 1) > s->nslots)
        reindex(s, s->nslots > 0 ? s->nslots * 2 : 64);
    hash = hash_of(path);
    slot = slot_of(s, hash, path);
    if (s->slots[slot] != 0) {
        s->last = s->slots[slot] - 1;
        return &s->rows[s->last];
    }
    if (s->nrows == s->room) {
        s->room = s->room > 0 ? s->room * 2 : 16;
        s->rows = need(reallocarray(s->rows, s->room, sizeof(*s->rows)));
    }
    s->last = s->nrows++;
    s->slots[slot] = (uint32_t)s->nrows;
    r = &s->rows[s->last];
    memset(r, 0, sizeof(*r));
    r->path = need(malloc(path.len));
    memcpy(r->path, path.s, path.len);
    r->len = path.len;
    r->hash = hash;
    r->wd = wd;
    return r;
}

void summary_count(struct summary *s, const struct event *ev)
{
    struct row *r;

    if (ev->watch.len == 0)
        return;
    r = row_of(s, ev->wd, ev->watch);
    for (size_t i = 0; i < COLUMNS; i++)
        r->count[i] += (ev->mask & columns[i].bit) != 0;
    r->total++;
    s->events++;
}

void summary_watched(struct summary *s, int wd, struct str watch)
{
    if (watch.len > 0)
        (void)row_of(s, wd, watch);
}

bool summary_empty(const struct summary *s)
{
    return s->events == 0;
}

static uint64_t key_of(const struct row *r, uint32_t sort)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].bit == sort)
            return r->count[i];
    return r->total;
}

static int compare(const void *one, const void *other, void *arg)
{
    const struct row *a = one, *b = other;
    const struct summary_config *cfg = arg;
    uint64_t x = key_of(a, cfg->sort), y = key_of(b, cfg->sort);

    if (x != y)
        return (x < y) == cfg->ascending ? -1 : 1;
    return (a->wd > b->wd) - (a->wd < b->wd);
}

/* Which columns are shown: with `zero` those that were asked for, and always what was counted. */
static uint32_t shown(const struct summary *s)
{
    uint32_t bits = s->cfg.zero ? s->cfg.events : 0;

    for (size_t i = 0; i < s->nrows; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            if (s->rows[i].count[k] > 0)
                bits |= columns[k].bit;
    return bits;
}

/* Left-aligned under its heading; a number that is wider pushes the rest along. */
static void put_cell(uint64_t n, const char *heading, struct buf *out)
{
    size_t start = out->len, width = strlen(heading);

    buf_put_u64(out, n);
    while (out->len - start < width)
        buf_putc(out, ' ');
    buf_lit(out, "  ");
}

static void put_table(const struct summary *s, uint32_t bits, struct buf *out)
{
    buf_lit(out, "total  ");
    for (size_t k = 0; k < COLUMNS; k++) {
        if ((bits & columns[k].bit) == 0)
            continue;
        buf_put(out, columns[k].name, strlen(columns[k].name));
        buf_lit(out, "  ");
    }
    buf_lit(out, "filename\n");
    for (size_t i = 0; i < s->nrows; i++) {
        const struct row *r = &s->rows[i];

        put_cell(r->total, "total", out);
        for (size_t k = 0; k < COLUMNS; k++)
            if ((bits & columns[k].bit) != 0)
                put_cell(r->count[k], columns[k].name, out);
        if (s->cfg.escape)
            visible_put(r->path, r->len, out);
        else
            buf_put(out, r->path, r->len);
        buf_putc(out, '\n');
    }
}

static void put_counts(const struct summary *s, const struct row *r, uint32_t bits, struct buf *out)
{
    bool first = true;

    for (size_t k = 0; k < COLUMNS; k++) {
        if ((bits & columns[k].bit) == 0 || (r->count[k] == 0 && !s->cfg.zero))
            continue;
        if (!first)
            buf_putc(out, ',');
        first = false;
        buf_putc(out, '"');
        for (const char *c = columns[k].name; *c != '\0'; c++)
            buf_putc(out, (char)toupper((unsigned char)*c));
        buf_lit(out, "\":");
        buf_put_u64(out, r->count[k]);
    }
}

static void put_objects(const struct summary *s, uint32_t bits, time_t now, struct buf *out)
{
    char when[40];
    struct tm tm;
    size_t n = gmtime_r(&now, &tm) != NULL ? strftime(when, sizeof(when), "%FT%TZ", &tm) : 0;

    for (size_t i = 0; i < s->nrows; i++) {
        const struct row *r = &s->rows[i];

        buf_lit(out, "{\"time\":\"");
        buf_put(out, when, n);
        buf_putc(out, '"');
        json_put_member("watch", (struct str){ r->path, r->len }, out);
        buf_lit(out, ",\"total\":");
        buf_put_u64(out, r->total);
        buf_lit(out, ",\"events\":{");
        put_counts(s, r, bits, out);
        buf_putc(out, '}');
        buf_put(out, s->cfg.tags.s, s->cfg.tags.len);
        buf_lit(out, "}\n");
    }
}

void summary_put(struct summary *s, time_t now, struct buf *out)
{
    uint32_t bits = shown(s);

    if (s->nrows > 0) {
        qsort_r(s->rows, s->nrows, sizeof(*s->rows), compare, &s->cfg);
        reindex(s, s->nslots);
    }
    if (s->cfg.json)
        put_objects(s, bits, now, out);
    else
        put_table(s, bits, out);
}
