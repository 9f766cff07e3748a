/*
 * event.c - the names of an event's bits, and the path that an event is about.
 *
 * Owns: the tables that event.def expands to. Must not know: where events come from, how a record
 * is printed. Nothing here allocates or keeps state.
 */
#include "config.h"

#include "event.h"

#include <string.h>

#include "inotify.h"

struct named {
    const char *name;
    size_t len;
    uint32_t mask;
};

/* What output can name, in its order. */
struct shown {
    struct named n;
    bool joint; /* covers bits that have names of their own */
};

#define NAMED(name, mask) { #name, sizeof(#name) - 1, mask }

static const struct shown shown[] = {
#define EVENT(name, mask, help) { NAMED(name, mask), false },
#define EVENT_JOINT(name, mask, help) { NAMED(name, mask), true },
#include "event.def"
};

static const struct named groups[] = {
#define EVENT_GROUP(name, mask, help) NAMED(name, mask),
#include "event.def"
};

static const struct named flags[] = {
#define WATCH_FLAG(name, mask, help) NAMED(name, mask),
#include "event.def"
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct str event_path_head(const struct event *ev)
{
    struct str head = ev->watch;

    if (ev->name.len > 0)
        return head;
    while (head.len > 1 && head.s[head.len - 1] == '/')
        head.len--;
    return head;
}

size_t event_bytes(const struct event *ev)
{
    return ev->watch.len + ev->name.len + ev->from.len;
}

static struct str put_str(struct str s, char **at)
{
    struct str put = { *at, s.len };

    if (s.len > 0)
        memcpy(*at, s.s, s.len);
    *at += s.len;
    return put;
}

void event_keep(struct event *to, const struct event *ev, char *bytes)
{
    *to = *ev;
    to->watch = put_str(ev->watch, &bytes);
    to->name = put_str(ev->name, &bytes);
    to->from = put_str(ev->from, &bytes);
}

/* The bits without a name as "0x..."; mask is not 0. */
static void put_unnamed(uint32_t mask, void (*put)(void *arg, const char *name, size_t len),
                        void *arg)
{
    char text[2 + 8];
    char *p = text + sizeof(text);

    for (; mask != 0; mask >>= 4)
        *--p = "0123456789abcdef"[mask & 15];
    *--p = 'x';
    *--p = '0';
    put(arg, p, (size_t)(text + sizeof(text) - p));
}

void event_names(uint32_t mask, enum event_style style,
                 void (*put)(void *arg, const char *name, size_t len), void *arg)
{
    uint32_t left = mask;

    for (size_t i = 0; i < COUNT(shown); i++) {
        const struct shown *s = &shown[i];

        if ((left & EVENT_JOINED) != 0 && s->n.mask == IN_MOVED_FROM) {
            put(arg, "MOVE", sizeof("MOVE") - 1);
            left &= ~EVENT_JOINED;
        }
        if ((mask & s->n.mask) == 0 || (s->joint && style == EVENT_EXACT))
            continue;
        put(arg, s->n.name, s->n.len);
        left &= ~s->n.mask;
    }
    if (left != 0)
        put_unnamed(left, put, arg);
}

/*
 * strncasecmp(3) goes by the locale, and in a Turkish one an "i" is not an "I": event names are
 * ASCII wherever pywatch runs.
 */
static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool same(const char *a, size_t alen, const char *b, size_t blen)
{
    if (alen != blen)
        return false;
    for (size_t i = 0; i < alen; i++)
        if (upper(a[i]) != b[i])
            return false;
    return true;
}

static bool is(const struct named *n, const char *name, size_t len)
{
    if (same(name, len, n->name, n->len))
        return true;
    return len > 3 && same(name, 3, "IN_", 3) && same(name + 3, len - 3, n->name, n->len);
}

static bool find(const struct named *table, size_t n, const char *name, size_t len, uint32_t *mask)
{
    for (size_t i = 0; i < n; i++) {
        if (is(&table[i], name, len)) {
            *mask = table[i].mask;
            return true;
        }
    }
    return false;
}

bool event_mask(const char *name, size_t len, uint32_t *mask)
{
    for (size_t i = 0; i < COUNT(shown); i++) {
        if (is(&shown[i].n, name, len)) {
            *mask = shown[i].n.mask;
            return true;
        }
    }
    return find(groups, COUNT(groups), name, len, mask);
}

bool event_flag(const char *name, size_t len, uint32_t *mask)
{
    return find(flags, COUNT(flags), name, len, mask);
}

/* The lists are put together by the compiler: each name brings the comma before it. */
const char *event_list(void)
{
    static const char list[] =
#define EVENT(name, mask, help) ", " #name
#define EVENT_JOINT(name, mask, help) ", " #name
#define EVENT_GROUP(name, mask, help) ", " #name
#include "event.def"
        ;

    return list + 2;
}

const char *event_flag_list(void)
{
    static const char list[] =
#define WATCH_FLAG(name, mask, help) ", " #name
#include "event.def"
        ;

    return list + 2;
}
