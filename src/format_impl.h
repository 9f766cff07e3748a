/*
 * format_impl.h - what the formats share; only format*.c include it.
 *
 * Owns: the verbs of a format, and the caches that keep strftime and the event table out of the hot
 * path. Must not know: the layout of any one format.
 */
#ifndef PYWATCH_FORMAT_IMPL_H
#define PYWATCH_FORMAT_IMPL_H

#include "format.h"
#include "visible.h"

/* What each format_NAME.c gives. A format embeds struct format as its first member. */
struct format_verbs {
    struct format *(*create)(const struct format_config *cfg, const char **error);
    void (*event)(struct format *f, const struct event *ev, struct buf *out);
    void (*destroy)(struct format *f);
};

struct format {
    const struct format_verbs *verbs;
};

#define FORMAT(kind, name) extern const struct format_verbs format_##name;
#include "format.def"

/* Zeroed memory; does not return without it. */
void *format_alloc(size_t size);
/* The destroy verb of a format that owns nothing but its struct. */
void format_destroy_plain(struct format *f);

/*
 * Event names, rendered once for each mask and separator: a run of pywatch meets few masks, so a
 * small table without chains is enough. What does not fit a slot is rendered each time.
 */
#define LABELS_MOST 122
struct labels_slot {
    uint32_t mask; /* 0: nothing here, for no event has an empty mask */
    uint8_t len;
    char sep;
    char text[LABELS_MOST];
};

struct labels {
    enum event_style style;
    bool quoted; /* "A","B" instead of A,B */
    struct labels_slot slot[64];
};

/* Where they stand, or will stand. */
static inline struct labels_slot *labels_slot(struct labels *n, uint32_t mask, char sep)
{
    uint32_t hash = (mask ^ ((uint32_t)(unsigned char)sep << 16)) * UINT32_C(0x9E3779B1);

    return &n->slot[hash >> 26];
}

void labels_render(struct labels *n, uint32_t mask, char sep, struct buf *out);

/* The names as they have been rendered before; NULL where they have not. */
static inline const struct labels_slot *labels_known(struct labels *n, uint32_t mask, char sep)
{
    const struct labels_slot *slot = labels_slot(n, mask, sep);

    return slot->mask == mask && slot->sep == sep && mask != 0 ? slot : NULL;
}

static inline void labels_put(struct labels *n, uint32_t mask, char sep, struct buf *out)
{
    const struct labels_slot *slot = labels_known(n, mask, sep);

    if (slot != NULL)
        buf_put(out, slot->text, slot->len);
    else
        labels_render(n, mask, sep, out);
}

/* A moment as text, rendered once a second. */
struct clock {
    bool valid;
    time_t second;
    struct buf text;
};

/* Local time as strftime(3) writes it; the result may be of any length, or empty. */
void clock_put_local(struct clock *c, const char *fmt, time_t second, struct buf *out);
/* "2026-11-23T02:00:00" in UTC. */
void clock_put_utc(struct clock *c, time_t second, struct buf *out);

/* Number in base 16, lower case, without "0x". */
void put_hex(struct buf *out, uint32_t n);

/* The full path of ev, raw. */
void put_path(const struct event *ev, struct buf *out);

/* The same for a terminal: see visible.h. */
void put_path_escaped(const struct event *ev, struct buf *out);

/* Which colour suits the mask: the escape sequence that turns it on, "" for plain. */
struct str colour_of(uint32_t mask);
#define COLOUR_DIM "\033[2m"
#define COLOUR_OFF "\033[0m"

#endif
