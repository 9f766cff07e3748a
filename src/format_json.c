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

    /* Records come in runs, of one read and one directory. What they have in common is kept as it
     * is written: that saves a third of the instructions of an event's whole way. */
    struct timespec time;
    struct buf head;    /* for that time, to the sequence number */
    struct buf watch;   /* the watched path of the two below */
    bool exact;         /* they can be used */
    struct buf before;  /* from the events to the name in "path" */
    struct buf between; /* from there to "name" */
    struct buf after;   /* from the number of the watch to the mask */
    int32_t wd;         /* of that */
    uint64_t seq;       /* the last one, and as it is written */
    char digits[20];
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
    buf_free(&j->after);
    free(j);
}

/* Makes the two pieces for this watched path. */
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

/*
 * The end of "events", "path", "watch" and "name" where both halves are exact: the name is looked at
 * once and then copied. False, with nothing put, where that will not do.
 */
static bool put_halves(struct json *j, const struct event *ev, struct buf *out)
{
    size_t start = out->len, name, len;
    char *p;

    if (ev->name.len == 0 || ev->watch.len == 0)
        return false;
    if (ev->watch.len != j->watch.len || memcmp(ev->watch.s, j->watch.data, j->watch.len) != 0)
        keep_watch(j, ev->watch);
    if (!j->exact)
        return false;
    buf_put(out, j->before.data, j->before.len);
    name = out->len;
    if (!json_put_string(ev->name.s, ev->name.len, out)) {
        out->len = start;
        return false;
    }
    len = out->len - name;
    p = buf_room(out, j->between.len + len + 1);
    memcpy(p, j->between.data, j->between.len);
    memcpy(p + j->between.len, out->data + name, len);
    p[j->between.len + len] = '"';
    out->len += j->between.len + len + 1;
    return true;
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
static void put_seq(struct json *j, uint64_t seq, struct buf *out)
{
    unsigned i = j->ndigits;

    if (seq == j->seq + 1)
        while (i > 0 && j->digits[i - 1] == '9')
            j->digits[--i] = '0';
    if (seq == j->seq + 1 && i > 0) {
        j->digits[i - 1]++;
        buf_put(out, j->digits, j->ndigits);
    } else {
        size_t start = out->len;

        buf_put_u64(out, seq);
        j->ndigits = (unsigned)(out->len - start);
        memcpy(j->digits, out->data + start, j->ndigits);
    }
    j->seq = seq;
}

static void put_numbers(struct json *j, const struct event *ev, struct buf *out)
{
    if (j->after.len == 0 || ev->wd != j->wd) {
        long long wd = j->wd = ev->wd;

        j->after.len = 0;
        buf_lit(&j->after, ",\"wd\":");
        if (wd < 0)
            buf_putc(&j->after, '-');
        buf_put_u64(&j->after, (unsigned long long)(wd < 0 ? -wd : wd));
        buf_lit(&j->after, ",\"mask\":");
    }
    buf_put(out, j->after.data, j->after.len);
    buf_put_u64(out, ev->mask);
    if (ev->cookie != 0) {
        buf_lit(out, ",\"cookie\":");
        buf_put_u64(out, ev->cookie);
    }
}

static void json_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct json *j = (struct json *)f;

    if (j->head.len == 0 || ev->time.tv_nsec != j->time.tv_nsec ||
        ev->time.tv_sec != j->time.tv_sec)
        keep_time(j, ev->time);
    buf_put(out, j->head.data, j->head.len);
    put_seq(j, ev->seq, out);
    buf_lit(out, ",\"events\":[");
    labels_put(&j->names, event_label(ev), ',', out);
    if (!put_halves(j, ev, out)) {
        buf_putc(out, ']');
        j->path.len = 0;
        put_path(ev, &j->path);
        json_put_member("path", (struct str){j->path.data, j->path.len}, out);
        json_put_member("watch", ev->watch, out);
        json_put_member("name", ev->name, out);
    }
    if (ev->from.len > 0)
        json_put_member("from", ev->from, out);
    put_numbers(j, ev, out);
    if (ev->synthetic)
        buf_lit(out, ",\"synthetic\":true");
    if (ev->exchanged)
        buf_lit(out, ",\"exchanged\":true");
    buf_put(out, j->tags.s, j->tags.len);
    buf_put(out, (const char[]){ '}', j->end }, 2);
}

const struct format_verbs format_json = {json_create, json_event, json_destroy};
