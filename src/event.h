/*
 * event.h - one record of what happened, and the names of its bits.
 *
 * Owns: struct event, the table of event names (event.def), mask <-> names.
 * Must not know: where events come from, or how a record is printed.
 */
#ifndef PYWATCH_EVENT_H
#define PYWATCH_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <time.h>

/* Bytes that somebody else owns; not terminated, NUL never inside. In an event, s is never NULL. */
struct str {
    const char *s;
    size_t len;
};

/*
 * One record. Built by track; every pointer is borrowed and valid only while
 * the emit callback runs: whoever keeps a record copies it.
 */
struct event {
    struct timespec time; /* CLOCK_REALTIME, when the batch that holds it was read */
    uint64_t seq;         /* 1, 2, 3 ... set in place when a record has passed every filter */
    int32_t wd;           /* watch descriptor; -1 on Q_OVERFLOW and where none is known */
    uint32_t mask;        /* the bits the kernel set (inotify(7)), or those of a synthetic record */
    uint32_t cookie;      /* joins MOVED_FROM and MOVED_TO; else 0 */
    bool synthetic;       /* inferred from the file system, not read from the kernel */
    uint32_t asked;       /* the events that were asked for there; 0: the same everywhere */
    bool joined;          /* both halves of a rename in one; mask has the bits of both */
    bool exchanged;       /* joined, and another one goes the other way: renameat2(2) */
    struct str watch;     /* %w: the watched file as named, or the directory with a slash at its end */
    struct str name;      /* %f: the entry within the directory; len 0: the watched thing itself */
    struct str from;      /* on MOVED_TO: the full path it came from; len 0: not known */
};

/*
 * For whoever keeps an event: how many bytes its strings take, and a copy of it whose strings lie
 * in these bytes, watch first and name right behind it.
 */
size_t event_bytes(const struct event *ev);
void event_keep(struct event *to, const struct event *ev, char *bytes);

/*
 * The path of an event is watch and name joined; for the watched thing itself it is `watch`
 * without the slashes at its end (but "/" stays). This gives the first half: the bytes of watch
 * that come before name.
 */
struct str event_path_head(const struct event *ev);

/* Which spelling a list of names is wanted in. */
enum event_style {
    EVENT_TEXT, /* as inotifywait: its order, CLOSE after CLOSE_WRITE and CLOSE_NOWRITE */
    EVENT_EXACT /* only the bits that are set, in the same order: JSON */
};

/*
 * What event_names is asked with: the mask, but that a joined rename has one bit, which is called
 * MOVE, for those of its halves. No kernel uses that bit.
 */
#define EVENT_JOINED UINT32_C(0x00800000)
static inline uint32_t event_label(const struct event *ev)
{
    return ev->joined ? (ev->mask & ~(uint32_t)IN_MOVE) | EVENT_JOINED : ev->mask;
}

/*
 * Calls put(arg, name, len) for each name in mask, in the order of event.def. Bits that no name
 * covers come last, joined in one hexadecimal name such as "0x40000". Never allocates.
 */
void event_names(uint32_t mask, enum event_style style,
                 void (*put)(void *arg, const char *name, size_t len), void *arg);

/*
 * The mask of one name: an event or a group of event.def, in either case, with or without "IN_".
 * Returns false where there is no such name; *mask is untouched then.
 */
bool event_mask(const char *name, size_t len, uint32_t *mask);

/* The same for the watch flags of --flags (DONT_FOLLOW ...). */
bool event_flag(const char *name, size_t len, uint32_t *mask);

/* "ACCESS, MODIFY, ..." for messages and --help: static storage, built on the first call. */
const char *event_list(void);
const char *event_flag_list(void);

#define EVENT_ALL IN_ALL_EVENTS /* what a watch can yield by asking; IGNORED etc. come unasked */

#endif
