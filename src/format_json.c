/*
 * format_json.c - one JSON object a record.
 *
 * Owns: the keys and their order. Must not know: who reads them, how bytes become JSON strings.
 */
#include "config.h"

#include "format_impl.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

struct json {
    struct format base;
    char end;
    struct labels names;
    struct clock clock;
    struct str tags;
    struct buf path; /* scratch: the path in one piece, as base64 needs it */

    /* Records come in runs: of one read, one directory, one file. What they have in common is kept
     * as it is written, which saves two thirds of what a record takes here (570 instructions to
     * 190). */
    struct timespec time;
    struct buf head;    /* for that time, to the sequence number */
    struct buf watch;   /* the watched path of the next two */
    bool exact;         /* these can be used */
    struct buf before;  /* from the events to the name in "path" */
    struct buf between; /* from there to "name" */
    struct buf name;    /* and the name of the next; empty: there is none */
    struct buf place;   /* from the events to the end of "name" */
    struct buf after;   /* from the number of the watch to the mask */
    int32_t wd;         /* of that */
    uint64_t seq;       /* the last one, and as it is written */
    char digits[U64_DIGITS];
    unsigned ndigits;
};

static struct format *json_create(const struct format_config *cfg, const char **error)
{
    struct json *j = format_alloc(sizeof(*j));

    (void)error; /* Nothing here can be wrong. */
    j->end = cfg->null ? '\0' : '\n';
    j->names.style = EVENT_EXACT;
    j->names.quoted = true;
    j->tags = cfg->tags;
    return &j->base;
}

static void json_destroy(struct format *f)
{
    struct json *j = (struct json *)f;

    buf_free(&j->clock.text);
    buf_free(&j->path);
    buf_free(&j->head);
    buf_free(&j->watch);
    buf_free(&j->before);
    buf_free(&j->between);
    buf_free(&j->name);
    buf_free(&j->place);
    buf_free(&j->after);
    free(j);
}

static void keep_time(struct json *j, struct timespec t)
{
    unsigned long us = (unsigned long)(t.tv_nsec / 1000);
    char digits[6];
    int i;

    j->time = t;
    j->head.len = 0;
    buf_lit(&j->head, "{\"time\":\"");
    clock_put_utc(&j->clock, t.tv_sec, &j->head);
    for (i = 5; i >= 0; i--, us /= 10)
        digits[i] = (char)('0' + us % 10);
    buf_putc(&j->head, '.');
    buf_put(&j->head, digits, sizeof(digits));
    buf_lit(&j->head, "Z\",\"seq\":");
}

/* One more than the last one, mostly. */
static void keep_seq(struct json *j, uint64_t seq)
{
    unsigned i = j->ndigits;

    if (seq == j->seq + 1)
        while (i > 0 && j->digits[i - 1] == '9')
            j->digits[--i] = '0';
    if (seq == j->seq + 1 && i > 0) {
        j->digits[i - 1]++;
    } else {
        j->ndigits = (unsigned)(put_digits(j->digits, seq) - j->digits);
    }
    j->seq = seq;
}

static void keep_wd(struct json *j, int32_t wd)
{
    j->wd = wd;
    j->after.len = 0;
    buf_lit(&j->after, ",\"wd\":");
    if (wd < 0)
        buf_putc(&j->after, '-');
    buf_put_u64(&j->after, (unsigned long long)(wd < 0 ? -(long long)wd : wd));
    buf_lit(&j->after, ",\"mask\":");
}

static inline bool same(const struct buf *b, struct str s)
{
    return b->len == s.len && memcmp(b->data, s.s, s.len) == 0;
}

static inline char *put(char *p, const struct buf *b)
{
    return mempcpy(p, b->data, b->len);
}

static void keep_watch(struct json *j, struct str watch)
{
    j->watch.len = j->before.len = j->between.len = 0;
    buf_put(&j->watch, watch.s, watch.len);
    buf_lit(&j->before, "],\"path\":\"");
    j->exact = json_put_string(watch.s, watch.len, &j->before);
    buf_lit(&j->between, "\",\"watch\":\"");
    (void)json_put_string(watch.s, watch.len, &j->between);
    buf_lit(&j->between, "\",\"name\":\"");
}

/* False: one of the two has bytes that are no UTF-8, and there is more to say of it. */
static bool keep_place(struct json *j, const struct event *ev)
{
    struct buf *b = &j->place;
    size_t name, len;
    char *p;

    j->name.len = b->len = 0;
    if (!same(&j->watch, ev->watch))
        keep_watch(j, ev->watch);
    if (!j->exact)
        return false;
    buf_put(b, j->before.data, j->before.len);
    name = b->len;
    if (!json_put_string(ev->name.s, ev->name.len, b))
        return false;
    len = b->len - name;
    p = buf_room(b, j->between.len + len + 1);
    p = put(p, &j->between);
    p = mempcpy(p, b->data + name, len);
    *p++ = '"';
    b->len = (size_t)(p - b->data);
    buf_put(&j->name, ev->name.s, ev->name.len);
    return true;
}

/* A record that has nothing but what is kept, in one go. False: it has more, and nothing is put. */
static bool put_plain(struct json *j, const struct event *ev, struct buf *out)
{
    static const char events[] = ",\"events\":[";
    const struct labels_slot *slot = labels_known(&j->names, ev->mask, ',');
    char *p;

    if (ev->cookie != 0 || ev->name.len == 0 || ev->watch.len == 0 || ev->synthetic ||
        ev->joined || slot == NULL || ev->from.len > 0)
        return false;
    if (!(same(&j->name, ev->name) && same(&j->watch, ev->watch)) && !keep_place(j, ev))
        return false;
    p = buf_room(out, j->head.len + sizeof(j->digits) + sizeof(events) + slot->len + j->place.len +
                          j->after.len + 10 + j->tags.len + 2);
    p = put(p, &j->head);
    memcpy(p, j->digits, sizeof(j->digits));
    p += j->ndigits;
    memcpy(p, events, sizeof(events) - 1);
    p += sizeof(events) - 1;
    p = mempcpy(p, slot->text, slot->len);
    p = put(p, &j->place);
    p = put(p, &j->after);
    p = put_digits(p, ev->mask);
    if (j->tags.len > 0)
        p = mempcpy(p, j->tags.s, j->tags.len);
    *p++ = '}';
    *p++ = j->end;
    out->len = (size_t)(p - out->data);
    return true;
}

static void json_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct json *j = (struct json *)f;

    if (j->head.len == 0 || ev->time.tv_nsec != j->time.tv_nsec ||
        ev->time.tv_sec != j->time.tv_sec)
        keep_time(j, ev->time);
    if (j->after.len == 0 || ev->wd != j->wd)
        keep_wd(j, ev->wd);
    keep_seq(j, ev->seq);
    if (put_plain(j, ev, out))
        return;
    buf_put(out, j->head.data, j->head.len);
    buf_put(out, j->digits, j->ndigits);
    buf_lit(out, ",\"events\":[");
    labels_put(&j->names, event_label(ev), ',', out);
    buf_putc(out, ']');
    j->path.len = 0;
    put_path(ev, &j->path);
    json_put_member("path", (struct str){j->path.data, j->path.len}, out);
    json_put_member("watch", ev->watch, out);
    json_put_member("name", ev->name, out);
    json_put_member("from", ev->from, out);
    buf_put(out, j->after.data, j->after.len);
    buf_put_u64(out, ev->mask);
    if (ev->cookie != 0) {
        buf_lit(out, ",\"cookie\":");
        buf_put_u64(out, ev->cookie);
    }
    if (ev->synthetic)
        buf_lit(out, ",\"synthetic\":true");
    if (ev->exchanged)
        buf_lit(out, ",\"exchanged\":true");
    buf_put(out, j->tags.s, j->tags.len);
    buf_put(out, (const char[]){ '}', j->end }, 2);
}

const struct format_verbs format_json = {json_create, json_event, json_destroy};
