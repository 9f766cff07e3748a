/*
 * unit_window.c - what a listing showed, and what the records then say of it.
 */
#include "config.h"

#include "tap.h"
#include "window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

/* How the name comes into the window. */
enum before { UNKNOWN, OUTSIDE, LISTED, MISSING, CHANGED, REPLACED, DOUBTFUL, SETTLED, TURNED };

struct sequence {
    enum before before;
    const char *records;  /* one letter each: see mask_of */
    const char *verdicts; /* one letter each: see letter_of; the last is that of window_next */
};

static uint32_t mask_of(char c)
{
    switch (c) {
    case 'c':
        return IN_CREATE;
    case 't':
        return IN_MOVED_TO;
    case 'd':
        return IN_DELETE;
    case 'f':
        return IN_MOVED_FROM;
    case 'm':
        return IN_MODIFY;
    case 'w':
        return IN_CLOSE_WRITE;
    case 'a':
        return IN_ATTRIB;
    case 'o':
        return IN_OPEN;
    }
    abort();
}

static char letter_of(enum window_verdict v)
{
    static const char letters[] = { [WINDOW_NOTHING] = '.',  [WINDOW_ANNOUNCE] = 'A',
                                    [WINDOW_VANISHED] = 'V', [WINDOW_MODIFIED] = 'M',
                                    [WINDOW_REPLACED] = 'R', [WINDOW_KNOWN] = 'k',
                                    [WINDOW_DOUBT] = '?' };

    return letters[v];
}

/* What was there before the watch, by the header: the first record about a name decides. */
static const struct sequence sequences[] = {
    { LISTED, "", "A" }, /* no record: it was there before */
    { LISTED, "c", ".." },
    { LISTED, "t", ".." },
    { LISTED, "d", "A." }, /* it was there, and gone since: listed a moment before its DELETE */
    { LISTED, "f", "A." },
    { LISTED, "m", "A." },
    { LISTED, "w", "A." },
    { LISTED, "a", "A." },
    { LISTED, "o", "A." },
    { LISTED, "dc", "A.." },
    { LISTED, "ft", "A.." },
    { LISTED, "cd", "..." },
    { LISTED, "cdc", "...." },
    { LISTED, "oc", "Ak." }, /* another process was quicker to open it than CREATE was queued */
    { LISTED, "cc", ".k." },
    { LISTED, "ct", "..." }, /* renamed over */
    { LISTED, "tt", "..." },
    { LISTED, "mmwd", "A...." },
    { LISTED, "cftd", "....." },
    { UNKNOWN, "c", ".." },
    { UNKNOWN, "t", ".." },
    { UNKNOWN, "d", "A." }, /* there when the watch was set, gone at the listing */
    { UNKNOWN, "f", "A." },
    { UNKNOWN, "wd", "A.." },
    { UNKNOWN, "dcd", "A..." },
    { UNKNOWN, "oc", "Ak." },
    { UNKNOWN, "cdc", "...." },
    /* A window that does not tell of all: others speak for themselves. */
    { OUTSIDE, "", "." },
    { OUTSIDE, "c", ".." },
    { OUTSIDE, "d", ".." },
    { OUTSIDE, "oc", "..." },
    { OUTSIDE, "wdc", "...." },
    { DOUBTFUL, "", "?" }, /* the disk has to tell */
    { DOUBTFUL, "c", ".." }, /* it was not there */
    { DOUBTFUL, "t", ".." },
    { DOUBTFUL, "d", "A." }, /* it was */
    { DOUBTFUL, "f", "A." },
    { DOUBTFUL, "o", "A." },
    { DOUBTFUL, "m", "A." },
    { MISSING, "", "V" },
    { MISSING, "d", ".." }, /* its DELETE was still to come */
    { MISSING, "f", ".." },
    { MISSING, "c", "V." }, /* its DELETE was lost, and then it was made again */
    { MISSING, "t", "V." },
    { MISSING, "dc", "..." },
    { MISSING, "wd", "..." }, /* whoever still writes to it: its DELETE follows */
    { CHANGED, "", "M" },
    { CHANGED, "m", ".." },
    { CHANGED, "w", ".." },
    { CHANGED, "a", "M." },
    { CHANGED, "o", "M." },
    { CHANGED, "d", ".." },
    { CHANGED, "f", ".." },
    { CHANGED, "c", "V." },
    { CHANGED, "om", "M.." },
    { REPLACED, "", "R" },
    { REPLACED, "d", "R." },
    { REPLACED, "f", "R." },
    { REPLACED, "dc", "R.." },
    { REPLACED, "c", "V." },
    { REPLACED, "t", "V." },
    { REPLACED, "m", "R." },
    { REPLACED, "o", "R." },
    { REPLACED, "od", "R.." },
    { SETTLED, "", "." }, /* announced already */
    { SETTLED, "c", "k." },
    { SETTLED, "d", ".." },
    { SETTLED, "dc", "..." },
    { SETTLED, "t", ".." },
    { TURNED, "", "R" },
    { TURNED, "d", "R." },
    { TURNED, "c", "V." },
};

static const char *const ways[] = { "unknown",  "outside",  "listed",  "missing", "changed",
                                    "replaced", "doubtful", "settled", "turned" };

static void enter(struct window *w, enum before before)
{
    switch (before) {
    case UNKNOWN:
    case OUTSIDE:
        break;
    case DOUBTFUL:
        window_doubt(w, "x", 1, ENTRY_FILE);
        break;
    case LISTED:
        window_list(w, "x", 1, ENTRY_FILE);
        break;
    case MISSING:
        window_miss(w, "x", 1, ENTRY_FILE);
        break;
    case CHANGED:
        window_change(w, "x", 1, ENTRY_FILE);
        break;
    case REPLACED:
        window_replace(w, "x", 1, ENTRY_FILE, ENTRY_DIR);
        break;
    case SETTLED:
    case TURNED:
        window_list(w, "x", 1, ENTRY_FILE);
        (void)window_settle(w, "x", 1);
        if (before == TURNED)
            window_turn(w, "x", 1, ENTRY_DIR);
        break;
    }
}

static void run(const struct sequence *s)
{
    struct window *w = window_new(s->before != OUTSIDE);
    struct window_entry e;
    char got[16];
    size_t n = 0, at = 0;

    /* Others in the same window, of names that begin alike, must neither help nor hinder. */
    window_list(w, "x1", 2, ENTRY_FILE);
    (void)window_record(w, "x1", 2, IN_CREATE, &e);
    enter(w, s->before);
    for (const char *c = s->records; *c != '\0'; c++)
        got[n++] = letter_of(window_record(w, "x", 1, mask_of(*c), &e));
    got[n++] = letter_of(window_next(w, &at, &e));
    got[n] = '\0';
    ok(strcmp(got, s->verdicts) == 0, "%s, then \"%s\": \"%s\"", ways[s->before], s->records,
       s->verdicts);
    if (strcmp(got, s->verdicts) != 0)
        printf("# got \"%s\"\n", got);
    window_free(w);
}

/* What is said of a name beside the verdict. */
static void entries(void)
{
    struct window *w = window_new(true);
    struct window_entry e;
    size_t at = 0;

    window_list(w, "dir", 3, ENTRY_DIR);
    window_list(w, "file", 4, ENTRY_FILE);
    window_list(w, "pipe", 4, ENTRY_OTHER);
    window_replace(w, "both", 4, ENTRY_FILE, ENTRY_DIR);
    (void)window_record(w, "dir", 3, IN_OPEN | IN_ISDIR, &e);
    ok(e.kind == ENTRY_DIR && e.listed, "a listed directory is known as one");
    (void)window_record(w, "dir", 3, IN_OPEN | IN_ISDIR, &e);
    ok(!e.listed, "and is decided after its first record");
    (void)window_record(w, "none", 4, IN_DELETE | IN_ISDIR, &e);
    ok(e.kind == ENTRY_DIR && !e.listed, "one that was not listed is what its record says");
    (void)window_record(w, "none2", 5, IN_DELETE, &e);
    ok(e.kind == ENTRY_OTHER && !e.listed, "which of a file cannot tell if it is a regular one");
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && e.len == 4 &&
           memcmp(e.name, "file", 4) == 0 && e.kind == ENTRY_FILE && e.listed,
       "next: the first that is undecided");
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && memcmp(e.name, "pipe", 4) == 0 &&
           e.kind == ENTRY_OTHER,
       "then the second");
    ok(window_next(w, &at, &e) == WINDOW_REPLACED && memcmp(e.name, "both", 4) == 0 &&
           e.kind == ENTRY_FILE && e.old == ENTRY_DIR,
       "then what was replaced, with both kinds");
    ok(window_next(w, &at, &e) == WINDOW_NOTHING, "and no more");
    ok(window_record(w, "file", 4, IN_DELETE, &e) == WINDOW_NOTHING,
       "what has been said is not said again by a record that comes later");
    window_free(w);
}

/* Records that say neither that a name appears nor that it goes. */
static void strange(void)
{
    struct window *w = window_new(true), *known = window_new(false);
    struct window_entry e;

    window_list(w, "dir", 3, ENTRY_DIR);
    window_list(w, "file", 4, ENTRY_FILE);
    window_doubt(w, "doubt", 5, ENTRY_FILE);
    ok(window_strange(w, "none", 4, IN_CLOSE_WRITE), "about a name that was not listed: strange");
    ok(!window_strange(known, "none", 4, IN_CLOSE_WRITE), "but not in a known directory");
    ok(!window_strange(w, "none", 4, IN_CREATE), "nor is one that says that it appears");
    ok(window_strange(w, "dir", 3, IN_CLOSE_WRITE), "about a file, where a directory was listed");
    ok(!window_strange(w, "dir", 3, IN_ATTRIB | IN_ISDIR), "but not about the directory");
    ok(!window_strange(w, "file", 4, IN_CLOSE_WRITE), "nor about a file that was listed");
    ok(window_strange(w, "doubt", 5, IN_CLOSE_WRITE), "about a name that is in doubt");
    (void)window_record(w, "file", 4, IN_DELETE, &e);
    (void)window_record(w, "file", 4, IN_CLOSE_WRITE, &e);
    ok(window_record(w, "file", 4, IN_CREATE, &e) == WINDOW_NOTHING,
       "closed after it was deleted: the next CREATE is not known yet");
    window_free(w);
    window_free(known);
}

static void finished(void)
{
    struct window *w = window_new(true);
    struct window_entry e;
    size_t at = 0;

    window_list(w, "open", 4, ENTRY_FILE);
    window_list(w, "closed", 6, ENTRY_FILE);
    ok(window_listed(w, "open", 4) && !window_listed(w, "none", 4), "what was listed is asked for");
    window_finished(w, "closed", 6);
    window_finished(w, "none", 4);
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && !e.finished, "still open for writing");
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && e.finished, "closed");
    ok(window_next(w, &at, &e) == WINDOW_NOTHING, "and no other");
    ok(!window_listed(w, "open", 4), "what is decided is not asked for");
    window_free(w);
}

static void settling(void)
{
    struct window *w = window_new(true);
    struct window_entry e;
    size_t at = 0;

    window_list(w, "a", 1, ENTRY_DIR);
    ok(!window_settle(w, "b", 1), "a name that is not there cannot be settled");
    ok(window_settle(w, "a", 1), "one that is can");
    ok(!window_settle(w, "a", 1), "once");
    window_turn(w, "b", 1, ENTRY_FILE);
    ok(window_next(w, &at, &e) == WINDOW_NOTHING, "nor is one that is not there turned");
    window_doubt(w, "a", 1, ENTRY_FILE);
    at = 0;
    ok(window_next(w, &at, &e) == WINDOW_DOUBT && e.kind == ENTRY_FILE,
       "what was settled can come to be in doubt");
    window_list(w, "c", 1, ENTRY_DIR);
    window_list(w, "c", 1, ENTRY_FILE);
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && e.kind == ENTRY_DIR &&
           window_next(w, &at, &e) == WINDOW_NOTHING,
       "a name that a listing shows twice counts once");
    window_free(w);
}

static void many(void)
{
    enum { N = 200000 };
    struct window *w = window_new(true);
    struct window_entry e;
    char name[256];
    size_t at = 0, wrong = 0, seen = 0;

    for (int i = 0; i < N; i++)
        window_list(w, name, (size_t)snprintf(name, sizeof(name), "%d-name", i), ENTRY_FILE);
    for (int i = 0; i < N; i += 3)
        wrong += window_record(w, name, (size_t)snprintf(name, sizeof(name), "%d-name", i),
                               IN_CREATE, &e) != WINDOW_NOTHING;
    for (int i = 1; i < N; i += 3)
        wrong += !window_settle(w, name, (size_t)snprintf(name, sizeof(name), "%d-name", i));
    for (int i = 2; window_next(w, &at, &e) == WINDOW_ANNOUNCE; i += 3, seen++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "%d-name", i);

        wrong += e.len != len || memcmp(e.name, name, len) != 0;
    }
    ok(wrong == 0 && seen == N / 3, "200,000 names, in the order of the listing");
    memset(name, 'n', 255);
    window_list(w, name, 255, ENTRY_FILE);
    ok(window_next(w, &at, &e) == WINDOW_ANNOUNCE && e.len == 255, "a name of 255 bytes");
    window_free(w);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
        run(&sequences[i]);
    entries();
    strange();
    finished();
    settling();
    many();
    window_free(NULL);
    return done_testing();
}
