/*
 * json.c - see json.h.
 */
#include "config.h"

#include "json.h"

#include <stdio.h>

#include "visible.h"

/* One UTF-16 unit as \uXXXX; returns the end. */
static char *put_unit(char *p, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";

    *p++ = '\\';
    *p++ = 'u';
    *p++ = hex[unit >> 12 & 15];
    *p++ = hex[unit >> 8 & 15];
    *p++ = hex[unit >> 4 & 15];
    *p++ = hex[unit & 15];
    return p;
}

/* A character that cannot stand for itself. */
static char *put_special(char *p, uint32_t cp)
{
    static const char raw[] = "\"\\\n\t\r\b\f", letter[] = "\"\\ntrbf";
    const char *hit = cp != 0 && cp < 0x80 ? strchr(raw, (int)cp) : NULL;

    if (hit != NULL) {
        *p++ = '\\';
        *p++ = letter[hit - raw];
        return p;
    }
    if (cp <= 0xffff)
        return put_unit(p, cp);
    p = put_unit(p, 0xd800 + ((cp - 0x10000) >> 10));
    return put_unit(p, 0xdc00 + ((cp - 0x10000) & 0x3ff));
}

bool json_put_string(const char *s, size_t n, struct buf *out)
{
    /* No byte becomes more than six, so that one look at the room is enough. */
    char *start = buf_room(out, 6 * n), *p = start;
    const char *end = s + n;
    bool exact = true;

    while (s < end) {
        size_t len = plain_run(s, (size_t)(end - s));
        uint32_t cp = 0;

        if (len == 0) {
            len = utf8_decode(s, (size_t)(end - s), &cp);
            if (len == 0) {
                memcpy(p, "\xef\xbf\xbd", 3);
                p += 3;
                s++;
                exact = false;
                continue;
            }
            if (cp == '"' || cp == '\\' || utf8_hazard(cp)) {
                p = put_special(p, cp);
                s += len;
                continue;
            }
        }
        memcpy(p, s, len);
        p += len;
        s += len;
    }
    out->len += (size_t)(p - start);
    return exact;
}

static void put_base64(const char *s, size_t n, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *u = (const unsigned char *)s;
    char *p = buf_room(out, (n + 2) / 3 * 4);
    size_t i;

    out->len += (n + 2) / 3 * 4;
    for (i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)u[i] << 16;

        if (i + 1 < n)
            three |= (uint32_t)u[i + 1] << 8;
        if (i + 2 < n)
            three |= u[i + 2];
        *p++ = digits[three >> 18];
        *p++ = digits[three >> 12 & 63];
        *p++ = i + 1 < n ? digits[three >> 6 & 63] : '=';
        *p++ = i + 2 < n ? digits[three & 63] : '=';
    }
}

void json_put_member(const char *key, struct str s, struct buf *out)
{
    size_t n = strlen(key);

    if (s.len == 0)
        return;
    buf_lit(out, ",\"");
    buf_put(out, key, n);
    buf_lit(out, "\":\"");
    if (!json_put_string(s.s, s.len, out)) {
        buf_lit(out, "\",\"");
        buf_put(out, key, n);
        buf_lit(out, "_b64\":\"");
        put_base64(s.s, s.len, out);
    }
    buf_putc(out, '"');
}

void json_put_time(struct timespec t, struct buf *out)
{
    char text[64];
    struct tm tm;
    size_t n = gmtime_r(&t.tv_sec, &tm) != NULL ? strftime(text, sizeof(text), "%FT%T", &tm) : 0;

    n += (size_t)snprintf(text + n, sizeof(text) - n, ".%06ldZ", t.tv_nsec / 1000);
    buf_lit(out, "\"time\":\"");
    buf_put(out, text, n);
    buf_putc(out, '"');
}

void json_put_tags(const char *const *tags, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const char *value = strchr(tags[i], '=') + 1;

        buf_lit(out, ",\"");
        (void)json_put_string(tags[i], (size_t)(value - 1 - tags[i]), out);
        buf_lit(out, "\":\"");
        (void)json_put_string(value, strlen(value), out);
        buf_putc(out, '"');
    }
}

bool json_key_taken(const char *key, size_t n)
{
    static const char *const keys[] = { "time",      "seq",       "events", "path",   "watch",
                                        "name",      "from",      "wd",     "mask",   "cookie",
                                        "synthetic", "exchanged", "total",  "status", "watches",
                                        "error",     "reply",     "token",  "ok",     "printed",
                                        "read",      "overflows", "unread" };
    const size_t b64 = sizeof("_b64") - 1;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strlen(keys[i]) == n && memcmp(keys[i], key, n) == 0)
            return true;
    return n > b64 && memcmp(key + n - b64, "_b64", b64) == 0;
}
