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

/* What to print before a record. */
enum window_verdict {
    WINDOW_NOTHING,  /* the record speaks for itself */
    WINDOW_ANNOUNCE, /* first a synthetic CREATE */
    WINDOW_VANISHED, /* first a synthetic DELETE: see window_miss */
    WINDOW_KNOWN     /* the record is a CREATE of what has been announced already: print nothing */
};

struct window;

struct window *window_new(void);
void window_free(struct window *w);

/* The listing shows this name. */
void window_list(struct window *w, const char *name, size_t len, enum entry_kind kind);

/*
 * The listing does not show this name, though it was known: it has gone without a record (after an
 * overflow), or its DELETE is still to come.
 */
void window_miss(struct window *w, const char *name, size_t len, enum entry_kind kind);

/*
 * A record about the name is next. *listed says whether the name was still a candidate, and of
 * which kind; mask is the record's.
 */
enum window_verdict window_record(struct window *w, const char *name, size_t len, uint32_t mask,
                                  bool *listed, enum entry_kind *kind);

/* The name is being announced now: it is no longer a candidate. False where it was none. */
bool window_settle(struct window *w, const char *name, size_t len);

/*
 * The next candidate in the order of the listing, from *at (0 at first) on, or false. *missed:
 * it is one of window_miss. What it points to is valid until the next window_list, window_miss or
 * window_record.
 */
bool window_next(struct window *w, size_t *at, const char **name, size_t *len,
                 enum entry_kind *kind, bool *missed);

#endif
