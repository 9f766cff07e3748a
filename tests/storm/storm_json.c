/*
 * storm_json.c - see storm_json.h. Strict: what the format does not allow is an error.
 */
#include "config.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "storm_json.h"

struct in {
    const char *p, *end;
};

static bool take(struct in *in, char c)
{
    if (in->p == in->end || *in->p != c)
        return false;
    in->p++;
    return true;
}

static char *room(size_t n)
{
    static char *block;
    static size_t left;
    char *p;

    if (left < n) {
        left = n > (1 << 20) ? n : 1 << 20;
        if ((block = malloc(left)) == NULL)
            err(2, "malloc");
    }
    p = block;
    block += n;
    left -= n;
    return p;
}

static int hex4(struct in *in)
{
    int v = 0;

    if (in->end - in->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *d;
        char c = *in->p++;

        if (c == '\0' || (d = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c)) == NULL)
            return -1;
        v = v * 16 + (int)(d - digits);
    }
    return v;
}

static char *put_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        *out++ = (char)cp;
        return out;
    }
    if (cp < 0x800) {
        *out++ = (char)(0xc0 | cp >> 6);
    } else {
        if (cp < 0x10000) {
            *out++ = (char)(0xe0 | cp >> 12);
        } else {
            *out++ = (char)(0xf0 | cp >> 18);
            *out++ = (char)(0x80 | (cp >> 12 & 63));
        }
        *out++ = (char)(0x80 | (cp >> 6 & 63));
    }
    *out++ = (char)(0x80 | (cp & 63));
    return out;
}

/* What follows a backslash. */
static char *escape(struct in *in, char *out)
{
    const char *plain = "\"\\/bfnrt", *means = "\"\\/\b\f\n\r\t", *at;
    char c = in->p < in->end ? *in->p++ : '\0';
    int hi, lo;

    if (c != 'u') {
        if (c == '\0' || (at = strchr(plain, c)) == NULL)
            return NULL;
        *out++ = means[at - plain];
        return out;
    }
    if ((hi = hex4(in)) < 0)
        return NULL;
    if (hi < 0xd800 || hi > 0xdfff)
        return put_utf8(out, (uint32_t)hi);
    if (hi > 0xdbff || !take(in, '\\') || !take(in, 'u') || (lo = hex4(in)) < 0xdc00 ||
        lo > 0xdfff)
        return NULL;
    return put_utf8(out, 0x10000u + ((uint32_t)(hi - 0xd800) << 10) + (uint32_t)(lo - 0xdc00));
}

static const char *string(struct in *in, struct text *t)
{
    const char *close = in->p;
    char *out;

    if (!take(in, '"'))
        return "a string is missing";
    while (++close < in->end && *close != '"')
        close += *close == '\\';
    out = room((size_t)(close - in->p) + 1);
    t->s = out;
    while (in->p < in->end && *in->p != '"') {
        if ((unsigned char)*in->p < 0x20)
            return "a control character stands in a string";
        if (*in->p != '\\')
            *out++ = *in->p++;
        else if (in->p++, (out = escape(in, out)) == NULL)
            return "an escape is wrong";
    }
    t->len = (size_t)(out - t->s);
    return take(in, '"') ? NULL : "a string does not end";
}

static const char *base64(const struct text *from, struct text *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = room(from->len);
    uint32_t bits = 0;

    to->s = out;
    if (from->len % 4 != 0)
        return "base64 has a wrong length";
    for (size_t i = 0; i < from->len; i++) {
        const char *d = from->s[i] == '=' ? digits : strchr(digits, from->s[i]);

        if (d == NULL || *d == '\0')
            return "base64 has a wrong digit";
        bits = bits << 6 | (uint32_t)(d - digits);
        if (i % 4 == 3) {
            *out++ = (char)(bits >> 16);
            *out++ = (char)(bits >> 8);
            *out++ = (char)bits;
        }
    }
    for (size_t i = from->len; i > 0 && from->s[i - 1] == '='; i--)
        out--;
    to->len = (size_t)(out - to->s);
    return NULL;
}

static bool is(const struct text *t, const char *s)
{
    return t->len == strlen(s) && memcmp(t->s, s, t->len) == 0;
}

static const char *number(struct in *in, int64_t *v)
{
    bool minus = take(in, '-');
    const char *start = in->p;

    *v = 0;
    while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
        *v = *v * 10 + (*in->p++ - '0');
    if (in->p == start)
        return "a number is missing";
    if (minus)
        *v = -*v;
    return NULL;
}

static const struct {
    const char *name;
    uint32_t bit;
} bits[] = {
    { "ACCESS", IN_ACCESS },           { "MODIFY", IN_MODIFY },
    { "ATTRIB", IN_ATTRIB },           { "CLOSE_WRITE", IN_CLOSE_WRITE },
    { "OPEN", IN_OPEN },               { "CLOSE_NOWRITE", IN_CLOSE_NOWRITE },
    { "MOVED_FROM", IN_MOVED_FROM },   { "MOVED_TO", IN_MOVED_TO },
    { "CREATE", IN_CREATE },           { "DELETE", IN_DELETE },
    { "DELETE_SELF", IN_DELETE_SELF }, { "MOVE_SELF", IN_MOVE_SELF },
    { "UNMOUNT", IN_UNMOUNT },         { "Q_OVERFLOW", IN_Q_OVERFLOW },
    { "IGNORED", IN_IGNORED },         { "ISDIR", IN_ISDIR },
    { "MOVE", IN_MOVE },
};

static const char *events(struct in *in, struct record *r)
{
    if (!take(in, '['))
        return "events: no array";
    do {
        const char *wrong;
        struct text t;
        size_t i;

        if ((wrong = string(in, &t)) != NULL)
            return wrong;
        for (i = 0; i < sizeof(bits) / sizeof(*bits) && !is(&t, bits[i].name); i++)
            ;
        if (i == sizeof(bits) / sizeof(*bits))
            return "events: an unknown name";
        r->events |= bits[i].bit;
    } while (take(in, ','));
    return take(in, ']') ? NULL : "events: the array does not end";
}

static const char *text_member(struct in *in, const struct text *key, struct record *r)
{
    static const char *const keys[] = { "path", "watch", "name", "from" };
    struct text *to[] = { &r->path, &r->watch, &r->name, &r->from };
    const char *wrong;
    struct text t;

    if ((wrong = string(in, &t)) != NULL)
        return wrong;
    for (int i = 0; i < 4; i++) {
        if (is(key, keys[i]))
            *to[i] = t;
        else if (key->len == strlen(keys[i]) + 4 && memcmp(key->s, keys[i], key->len - 4) == 0 &&
                 memcmp(key->s + key->len - 4, "_b64", 4) == 0)
            return base64(&t, to[i]);
    }
    r->has_name |= is(key, "name");
    return NULL;
}

static const char *member(struct in *in, struct record *r)
{
    const char *wrong;
    struct text key;
    int64_t v;

    if ((wrong = string(in, &key)) != NULL)
        return wrong;
    if (!take(in, ':'))
        return "a colon is missing";
    if (is(&key, "events")) {
        r->is_event = true;
        return events(in, r);
    }
    if (in->p < in->end && *in->p == '"')
        return text_member(in, &key, r);
    if (is(&key, "synthetic") || is(&key, "exchanged")) {
        bool *what = is(&key, "synthetic") ? &r->synthetic : &r->exchanged;

        *what = in->end - in->p >= 4 && memcmp(in->p, "true", 4) == 0;
        in->p += 4;
        return *what ? NULL : "a member that is there if it is true, and is not";
    }
    if ((wrong = number(in, &v)) != NULL)
        return wrong;
    if (is(&key, "seq"))
        r->seq = (uint64_t)v;
    else if (is(&key, "wd"))
        r->wd = v;
    else if (is(&key, "mask"))
        r->mask = (uint32_t)v;
    else if (is(&key, "cookie"))
        r->cookie = (uint32_t)v;
    return NULL;
}

const char *record_parse(const char *line, size_t len, struct record *r)
{
    struct in in = { line, line + len };
    const char *wrong;

    memset(r, 0, sizeof(*r));
    r->line = (struct text){ line, len };
    if (!take(&in, '{'))
        return "not an object";
    do
        if ((wrong = member(&in, r)) != NULL)
            return wrong;
    while (take(&in, ','));
    if (!take(&in, '}') || in.p != in.end)
        return "the object does not end with the line";
    if (r->is_event && r->events != r->mask)
        return "events and mask differ";
    return NULL;
}
