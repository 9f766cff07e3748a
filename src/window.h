/*
 * window.h - what a listing showed of one directory, until the records catch up with it.
 *
 * Owns: the candidates of one directory. Must not know: the kernel, the tree, what is printed.
 *
 * A directory is armed first and listed second. An entry that the listing shows may have been made
 * before the watch (no record will come) or after it (CREATE is queued); an entry that it does not
 * show may have been there when the watch was set and gone at the listing (only its DELETE is
 * queued). So until every record queued before the listing has been worked off, the first record
 * about a name decides: CREATE or MOVED_TO, and it appeared after the watch; any other, and it was
 * there before. Names about which no record comes were there before.
 */
#ifndef PYWATCH_WINDOW_H
#define PYWATCH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum entry_kind { ENTRY_DIR, ENTRY_FILE, ENTRY_OTHER };

/* What to print before a record, or instead of one that never comes. */
enum window_verdict {
    WINDOW_NOTHING,  /* the record speaks for itself */
    WINDOW_ANNOUNCE, /* a synthetic CREATE */
    WINDOW_VANISHED, /* a synthetic DELETE of what was there: see window_miss */
    WINDOW_MODIFIED, /* a synthetic MODIFY: see window_change */
    WINDOW_REPLACED, /* a synthetic DELETE of what was there, and CREATE of what is: window_replace */
    WINDOW_DOUBT,    /* it is to be found out whether it is there: see window_doubt */
    WINDOW_UNTOLD,   /* nothing: it was listed, and had gone when it was listed again */
    WINDOW_KNOWN     /* the record is a CREATE of what has been announced already: print nothing */
};

/* A name and what is known of it. */
struct window_entry {
    const char *name;
    size_t len;
    enum entry_kind kind; /* of what the listing shows, or of what it no longer shows */
    enum entry_kind old;  /* of what was there before: VANISHED, REPLACED */
    bool listed;          /* shown by the listing, and not decided yet */
    bool finished;        /* see window_finished */
};

struct window;

/*
 * whole: the directory is new, and the listing shows all that is known of it. Else only the names
 * that are put in matter, and records about others speak for themselves.
 */
struct window *window_new(bool whole);
void window_free(struct window *w);

bool window_whole(const struct window *w);

/* Whether it is the window that says what was there under this name. */
bool window_covers(const struct window *w, const char *name, size_t len);

/*
 * Records were lost, and the directory is about to be listed again. Each name that the listing
 * shows is given to window_seen, and to what else there is to say of it; then window_rest is
 * called. What was told counts as missed where it was not shown, what was not told is as if it had
 * never been listed.
 */
void window_restart(struct window *w);
void window_seen(struct window *w, const char *name, size_t len, enum entry_kind kind);
void window_rest(struct window *w);

/* The listing shows this name. */
void window_list(struct window *w, const char *name, size_t len, enum entry_kind kind);

/* Whether the listing has shown this name, and it is not decided yet what that means. */
bool window_listed(const struct window *w, const char *name, size_t len);
/* The same, and what another listing had shown under this name before was not told either. */
bool window_untold(const struct window *w, const char *name, size_t len);
/* What the listing shows under this name was a file that nobody had open for writing. */
void window_finished(struct window *w, const char *name, size_t len);

/*
 * The listing does not show this name, though it was known: it has gone without a record (after an
 * overflow), or its DELETE is still to come.
 */
void window_miss(struct window *w, const char *name, size_t len, enum entry_kind kind);

/*
 * The listing shows what was known, but changed (size, time): its MODIFY is still to come or lost.
 */
void window_change(struct window *w, const char *name, size_t len, enum entry_kind kind);

/* The listing shows another thing under the name than what was known. */
void window_replace(struct window *w, const char *name, size_t len, enum entry_kind kind,
                    enum entry_kind old);

/* It is not known whether this name is there. The first record about it tells, or the disk. */
void window_doubt(struct window *w, const char *name, size_t len, enum entry_kind kind);

/* The listed name, settled before, stands for another thing than what was known: `old`. */
void window_turn(struct window *w, const char *name, size_t len, enum entry_kind old);

/*
 * A record about the name is next; mask is the record's. *e says what was known of the name (its
 * name is not set).
 */
enum window_verdict window_record(struct window *w, const char *name, size_t len, uint32_t mask,
                                  struct window_entry *e);

/*
 * What the records, or what was told instead of them, last said of this name. Where records were
 * lost this may have changed since: window_correct says how it is.
 */
enum window_said { WINDOW_UNSAID, WINDOW_SAID_THERE, WINDOW_SAID_GONE };
enum window_said window_said(const struct window *w, const char *name, size_t len,
                             enum entry_kind *kind);
void window_correct(struct window *w, const char *name, size_t len, bool there);
/* It is there, and is a directory by now. */
void window_told_dir(struct window *w, const char *name, size_t len);

/*
 * The record says neither that this name appears nor that it goes, and it is not known that the
 * thing it is about has the name at all: the listing showed nothing, or a thing of another kind, or
 * the name is in doubt. What was deleted or renamed over can still be written to and closed.
 */
bool window_strange(const struct window *w, const char *name, size_t len, uint32_t mask);

/* The directory of this name is being announced now. False where it was no candidate. */
bool window_settle(struct window *w, const char *name, size_t len);

/*
 * The next undecided name in the order of the listing, from *at (0 at first) on, and what to print
 * about it; WINDOW_NOTHING at the end. e->name is valid until the next call that adds a name. The
 * name counts as decided then; what is still in doubt has to be put in again.
 */
enum window_verdict window_next(struct window *w, size_t *at, struct window_entry *e);

#endif
