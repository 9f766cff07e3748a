/*
 * readback.h - what a program or a person sees in a record: for tests.
 *
 * Strict readers of the JSON, CSV and terminal forms, written from the rules of those forms and
 * not from the code under test. Each gives the name in the record as bytes.
 */
#ifndef PYWATCH_READBACK_H
#define PYWATCH_READBACK_H

#include "format_impl.h"
#include "records.h"

#include <stdint.h>
#include <stdlib.h>

/* A strict JSON reader for what a record may hold: one object, strings, numbers, true, an array. */

struct member {
    char key[16];
    struct buf text; /* of a string: its bytes; of the rest: as it stands */
};

struct object {
    struct member m[16];
    size_t n;
    bool valid;
};

static void put_utf8(uint32_t c, struct buf *out)
{
    if (c < 0x80) {
        buf_putc(out, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_putc(out, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_putc(out, (char)(0xe0 | c >> 12));
        } else {
            buf_putc(out, (char)(0xf0 | c >> 18));
            buf_putc(out, (char)(0x80 | (c >> 12 & 63)));
        }
        buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
    }
    buf_putc(out, (char)(0x80 | (c & 63)));
}

static bool read_unit(const char **p, uint32_t *unit)
{
    char digits[5] = "";
    char *end;

    memcpy(digits, *p, strnlen(*p, 4));
    *unit = (uint32_t)strtoul(digits, &end, 16);
    *p += end - digits;
    return end == digits + 4;
}

static bool read_string(const char **p, struct buf *out)
{
    if (*(*p)++ != '"')
        return false;
    while (**p != '"') {
        uint32_t c = (unsigned char)*(*p)++, low;

        if (c == '\\') {
            static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
            char letter = *(*p)++;
            const char *hit = letter != '\0' ? strchr(from, letter) : NULL;

            if (hit != NULL) {
                buf_putc(out, to[hit - from]);
                continue;
            }
            if (letter != 'u' || !read_unit(p, &c) || (c >= 0xdc00 && c < 0xe000))
                return false;
            if (c >= 0xd800 && c < 0xdc00) {
                if (*(*p)++ != '\\' || *(*p)++ != 'u' || !read_unit(p, &low) || low < 0xdc00 ||
                    low > 0xdfff)
                    return false;
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            }
            put_utf8(c, out);
        } else if (c < 0x20 || c == 0x7f) {
            return false;
        } else {
            buf_putc(out, (char)c);
        }
    }
    (*p)++;
    return true;
}

static bool read_object(const char *p, struct object *o)
{
    char sep = '{';

    while (*p == sep) {
        struct member *m = &o->m[o->n++];
        struct buf key = {0};

        p++;
        if (!read_string(&p, &key) || *p++ != ':' || key.len >= sizeof(m->key))
            return false;
        memcpy(m->key, key.data, key.len);
        buf_free(&key);
        if (*p == '"') {
            if (!read_string(&p, &m->text))
                return false;
        } else {
            size_t n = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ",}");

            buf_put(&m->text, p, n);
            p += n;
        }
        sep = ',';
    }
    return strcmp(p, "}\n") == 0;
}

static struct str member(const struct object *o, const char *key)
{
    size_t i;

    for (i = 0; i < o->n; i++)
        if (strcmp(o->m[i].key, key) == 0)
            return (struct str){o->m[i].text.data, o->m[i].text.len};
    return (struct str){NULL, 0};
}

static struct buf base64_decode(struct str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf out = {0};
    uint32_t bits = 0;
    size_t i;

    for (i = 0; i < s.len && s.s[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, s.s[i]) - digits);
        if (i % 4 != 0)
            buf_putc(&out, (char)(bits >> (6 - 2 * (i % 4))));
    }
    return out;
}

/* True where the record is strict JSON, holds no raw hazard, and gives the name back. */
static bool json_gives_back(struct format *f, const struct event *ev)
{
    struct object o = {.n = 0};
    struct buf out = {0}, bytes = {0};
    bool good;
    size_t i, n;
    uint32_t cp;

    format_event(f, ev, &out);
    buf_putc(&out, '\0');
    good = read_object(out.data, &o);
    for (i = 0; good && i + 2 < out.len; i += n) {
        n = utf8_decode(out.data + i, out.len - i, &cp);
        good = n > 0 && !utf8_hazard(cp);
    }
    if (member(&o, "name_b64").s != NULL)
        bytes = base64_decode(member(&o, "name_b64"));
    else
        buf_put(&bytes, member(&o, "name").s, member(&o, "name").len);
    good = good && same((struct str){bytes.data, bytes.len}, ev->name);
    for (i = 0; i < o.n; i++)
        buf_free(&o.m[i].text);
    buf_free(&bytes);
    buf_free(&out);
    return good;
}

/* One field of RFC 4180; *p moves past its separator. */
static struct buf csv_field(const char **p, const char *end)
{
    struct buf out = {0};

    if (*p < end && **p == '"') {
        for (++*p; *p < end; ++*p) {
            if (**p == '"' && *++*p != '"')
                break;
            buf_putc(&out, **p);
        }
    } else {
        while (*p < end && **p != ',' && **p != '\n')
            buf_putc(&out, *(*p)++);
    }
    ++*p;
    return out;
}

static bool csv_gives_back(struct format *f, const struct event *ev)
{
    struct buf out = {0}, watch, names, name;
    const char *p;
    bool good;

    format_event(f, ev, &out);
    p = out.data;
    watch = csv_field(&p, out.data + out.len);
    names = csv_field(&p, out.data + out.len);
    name = csv_field(&p, out.data + out.len);
    good = p == out.data + out.len && same((struct str){watch.data, watch.len}, ev->watch) &&
           same((struct str){names.data, names.len}, str("CREATE")) &&
           same((struct str){name.data, name.len}, ev->name);
    buf_free(&watch);
    buf_free(&names);
    buf_free(&name);
    buf_free(&out);
    return good;
}

/* Undoes what visible_put did; false where something raw came through that should not. */
static bool unescape(const char *p, size_t len, struct buf *out)
{
    const char *end = p + len;

    while (p < end) {
        static const char from[] = "ntre\\", to[] = "\n\t\r\033\\";
        uint32_t cp = 0;
        size_t n = utf8_decode(p, (size_t)(end - p), &cp);
        const char *hit;

        if (n == 0 || utf8_hazard(cp))
            return false;
        if (cp != '\\') {
            buf_put(out, p, n);
            p += n;
            continue;
        }
        hit = strchr(from, p[1]);
        if (hit != NULL) {
            buf_putc(out, to[hit - from]);
            p += 2;
        } else if (p[1] == 'x') {
            char hex[3] = {p[2], p[3], '\0'};

            buf_putc(out, (char)strtoul(hex, NULL, 16));
            p += 4;
        } else {
            char hex[6] = "", *after;

            memcpy(hex, p + (p[2] == '{' ? 3 : 2), p[2] == '{' ? 5 : 4);
            put_utf8((uint32_t)strtoul(hex, &after, 16), out);
            p += p[2] == '{' ? after - hex + 4 : 6;
        }
    }
    return true;
}

static bool tty_gives_back(struct format *f, const struct event *ev)
{
    static const char fixed[] = "HH:MM:SS CREATE            d/"; /* so long is what comes before */
    struct buf out = {0}, name = {0};
    bool good;

    format_event(f, ev, &out);
    good = out.len > sizeof(fixed) && memcmp(out.data + 8, fixed + 8, sizeof(fixed) - 9) == 0 &&
           out.data[out.len - 1] == '\n' &&
           unescape(out.data + sizeof(fixed) - 1, out.len - sizeof(fixed), &name) &&
           same((struct str){name.data, name.len}, ev->name);
    buf_free(&name);
    buf_free(&out);
    return good;
}

static bool raw_gives_back(struct format *f, const struct event *ev)
{
    struct buf out = {0};
    size_t at = strlen("d/ CREATE ");
    bool good;

    format_event(f, ev, &out);
    good = out.len == at + ev->name.len + 1 && memcmp(out.data, "d/ CREATE ", at) == 0 &&
           memcmp(out.data + at, ev->name.s, ev->name.len) == 0 && out.data[out.len - 1] == '\0';
    buf_free(&out);
    return good;
}

#endif
