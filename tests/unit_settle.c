/*
 * unit_settle.c - records held until their paths are quiet, by a clock of our own.
 */
#include "config.h"

#include <stdlib.h>

#include "event_lines.h"
#include "settle.h"

#define MS INT64_C(1000000)
#define START (1000 * MS)
#define QUIET 100
#define MOST 1000

static struct lines said;
static struct settle *s;
static int64_t now;

static void begin_bounded(size_t bytes)
{
    const struct settle_config cfg = {
        .quiet_ns = QUIET * MS, .most_ns = MOST * MS, .bytes = bytes, .out = lines_put, .arg = &said
    };

    now = START;
    s = settle_new(&cfg);
}

static void begin(void)
{
    begin_bounded(SETTLE_BYTES);
}

static void end(void)
{
    settle_free(s);
}

static void give(struct event *ev)
{
    settle_event(s, ev, now);
}

static void heard(uint32_t mask, const char *watch, const char *name)
{
    struct event ev = event_of(mask, watch, name);

    give(&ev);
}

static void moved(const char *from, const char *watch, const char *name)
{
    struct event ev = event_of(IN_MOVE, watch, name);

    ev.joined = true;
    ev.from = str_of(from);
    ev.cookie = 5;
    give(&ev);
}

/* At this time, in ms since the start, what is due goes on. */
static void at(int ms)
{
    now = START + ms * MS;
    settle_run(s, now);
}

static void wakes_at(int ms, const char *what)
{
    int64_t wake = settle_wake(s);

    is_num(wake == 0 ? -1 : (wake - START) / MS, ms, what);
}

static void quiet(void)
{
    struct event ev;

    begin();
    wakes_at(-1, "no wake-up while nothing is held");
    heard(IN_CREATE, "d/", "f");
    wakes_at(100, "one when the path will have been quiet");
    at(60);
    heard(IN_MODIFY, "d/", "f");
    heard(IN_CLOSE_WRITE, "d/", "f");
    wakes_at(160, "each event puts it off");
    at(159);
    lines_are(&said, "", "held until then");
    at(160);
    lines_are(&said, "MODIFY,CLOSE_WRITE,CREATE d/f\n",
              "one record, with the names in their order");
    wakes_at(-1, "nothing is held any more");
    heard(IN_MODIFY, "d/", "f");
    settle_flush(s);
    lines_are(&said, "MODIFY d/f\n", "what is held at the end is not lost");
    at(1000);
    lines_are(&said, "", "and comes once");

    ev = event_of(IN_CREATE, "d/", "f");
    ev.synthetic = true;
    ev.time.tv_sec = 1;
    give(&ev);
    ev.time.tv_sec = 2;
    ev.wd = 9;
    give(&ev);
    settle_flush(s);
    lines_are(&said, "CREATE d/f synthetic\n", "all of it inferred");
    is_num(said.last.wd, 9, "the last watch");
    is_num(said.last.time.tv_sec, 2, "the last time");
    give(&ev);
    heard(IN_MODIFY, "d/", "f");
    settle_flush(s);
    lines_are(&said, "MODIFY,CREATE d/f\n", "some of it read from the kernel");
    end();
}

static void order(void)
{
    begin();
    heard(IN_CREATE, "d/", "a");
    at(10);
    heard(IN_CREATE, "d/", "b");
    at(20);
    heard(IN_CREATE, "d/", "c");
    at(90);
    heard(IN_MODIFY, "d/", "a");
    at(150);
    lines_are(&said, "", "b and c are quiet, and wait for a");
    at(190);
    lines_are(&said, "MODIFY,CREATE d/a\nCREATE d/b\nCREATE d/c\n",
              "the order is that of the paths");
    end();
    begin();
    heard(IN_CREATE, "d/", "a");
    at(10);
    heard(IN_CREATE, "d/", "b");
    for (int i = 20; i <= 990; i += 10) {
        at(i);
        if (i == 200) {
            lines_are(&said, "", "not yet");
            wakes_at(210, "but soon");
        }
        if (i == 210)
            lines_are(&said, "CREATE d/b\n", "a busy path holds up no other for ever");
        heard(IN_MODIFY, "d/", "a");
    }
    wakes_at(1000, "the longest that a record is held");
    at(1000);
    lines_are(&said, "MODIFY,CREATE d/a\n", "a busy path is told of nevertheless");
    end();
    begin();
    heard(IN_CREATE | IN_ISDIR, "", "d");
    heard(IN_CREATE | IN_ISDIR, "d/", "e");
    heard(IN_CREATE, "d/e/", "f");
    heard(IN_ATTRIB, "", "g");
    for (int i = 10; i <= 200; i += 10) {
        at(i);
        heard(IN_ATTRIB | IN_ISDIR, "", "d");
        heard(IN_ATTRIB | IN_ISDIR, "d/", "e");
        heard(IN_ATTRIB, "", "g");
    }
    lines_are(&said, "ATTRIB,CREATE,ISDIR d\nATTRIB,CREATE,ISDIR d/e\nCREATE d/e/f\n",
              "a new directory is told of before what is in it");
    end();
}

static void one_path(void)
{
    begin();
    heard(IN_DELETE_SELF, "d/", "");
    heard(IN_DELETE | IN_ISDIR, "./", "d");
    at(100);
    lines_are(&said, "DELETE_SELF d\nDELETE,ISDIR ./d\n", "paths are told apart by their bytes");
    heard(IN_DELETE_SELF, "./d//", "");
    heard(IN_DELETE | IN_ISDIR, "./", "d");
    at(200);
    lines_are(&said, "DELETE,DELETE_SELF,ISDIR ./d\n",
              "a directory has one path, from two watches");
    is_num((long long)said.last.name.len, 1, "and the name in it");
    heard(IN_DELETE | IN_ISDIR, "./", "d");
    heard(IN_DELETE_SELF, "./d/", "");
    at(300);
    is_num((long long)said.last.name.len, 1, "whichever came last");
    lines_are(&said, "DELETE,DELETE_SELF,ISDIR ./d\n", "as one");
    heard(IN_DELETE, "./", "d");
    heard(IN_CREATE | IN_ISDIR, "./", "d");
    lines_are(&said, "DELETE ./d\n", "a file and a directory are not told of in one record");
    heard(IN_CREATE, "/", "f");
    heard(IN_OPEN, "/", "");
    settle_flush(s);
    lines_are(&said, "CREATE,ISDIR ./d\nCREATE /f\nOPEN /\n", "the root has a path too");
    end();
}

static void renames(void)
{
    struct event ev;

    begin();
    heard(IN_CREATE, "d/", "tmp");
    heard(IN_CLOSE_WRITE, "d/", "tmp");
    moved("d/tmp", "d/", "f");
    lines_are(&said, "CLOSE_WRITE,CREATE d/tmp\n", "what is renamed has no more to come");
    heard(IN_ATTRIB, "d/", "f");
    at(100);
    lines_are(&said, "ATTRIB,MOVE d/f < d/tmp\n", "the rename settles");
    is_num(said.last.cookie, 5, "the cookie of the rename stays");
    moved("d/tmp", "d/", "f");
    heard(IN_MODIFY, "d/", "f");
    moved("d/tmp", "d/", "f");
    settle_flush(s);
    lines_are(&said, "MODIFY,MOVE d/f < d/tmp\n", "the same rename twice is one");
    moved("d/a", "d/", "f");
    moved("d/b", "d/", "f");
    lines_are(&said, "MOVE d/f < d/a\n", "two places that it comes from are two records");
    moved("d/f", "d/", "g");
    lines_are(&said, "MOVE d/f < d/b\n", "and one on the way");
    heard(IN_MOVED_FROM, "d/", "g");
    lines_are(&said, "MOVE d/g < d/f\n", "a half is none with a whole");
    heard(IN_MOVED_TO, "d/", "g");
    settle_flush(s);
    lines_are(&said, "MOVED_FROM,MOVED_TO d/g\n", "but with another half");
    heard(IN_CREATE | IN_ISDIR, "", "d");
    heard(IN_CREATE, "d/", "tmp");
    moved("d/tmp", "d/", "f");
    lines_are(&said, "CREATE,ISDIR d\nCREATE d/tmp\n", "its new directory goes before it");
    settle_flush(s);
    lines_are(&said, "MOVE d/f < d/tmp\n", "and then the rename");

    ev = event_of(IN_MOVED_TO, "d/", "h");
    ev.from = str_of("d/i");
    give(&ev);
    heard(IN_ATTRIB, "d/", "h");
    settle_flush(s);
    lines_are(&said, "ATTRIB,MOVED_TO d/h < d/i\n", "where it came from stays");
    give(&ev);
    heard(IN_MOVED_TO, "d/", "h");
    settle_flush(s);
    lines_are(&said, "MOVED_TO d/h\n", "unless it came from elsewhere after that");

    ev = event_of(IN_MOVE, "d/", "b");
    ev.joined = ev.exchanged = true;
    ev.from = str_of("d/a");
    heard(IN_MODIFY, "d/", "a");
    give(&ev);
    lines_are(&said, "MODIFY d/a\n", "before an exchange");
    ev.name = str_of("a");
    ev.from = str_of("d/b");
    give(&ev);
    lines_are(&said, "", "the two of an exchange stay together");
    at(1000);
    lines_are(&said, "MOVE d/b < d/a exchanged\nMOVE d/a < d/b exchanged\n", "in their order");
    end();
}

static void not_held_up(void)
{
    begin();
    heard(IN_CREATE, "d/", "a");
    heard(IN_Q_OVERFLOW, "", "");
    lines_are(&said, "CREATE d/a\nQ_OVERFLOW \n", "Q_OVERFLOW is not held, nor overtaken");
    heard(IN_CREATE, "d/", "b");
    heard(IN_UNMOUNT, "d/", "");
    lines_are(&said, "CREATE d/b\nUNMOUNT d\n", "nor is UNMOUNT");
    wakes_at(-1, "nothing is held");
    end();
}

static void bounds(void)
{
    enum { PATHS = 200000 };
    char name[32];
    size_t most = 0;

    begin_bounded(1);
    heard(IN_CREATE, "d/", "a");
    lines_are(&said, "CREATE d/a\n", "no room for even one");
    end();
    begin_bounded(1 << 20);
    said.quiet = true;
    said.count = 0;
    for (int i = 0; i < PATHS; i++) {
        snprintf(name, sizeof(name), "file-%d", i);
        heard(IN_CREATE, "d/", name);
        heard(IN_MODIFY, "d/", name);
        if ((size_t)i + 1 - said.count > most)
            most = (size_t)i + 1 - said.count;
    }
    ok(most > 2000 && most < 8000, "a bounded number of paths is held: %zu", most);
    settle_flush(s);
    is_num((long long)said.count, PATHS, "and nothing is lost");
    heard(IN_CREATE, "d/", "left");
    end();
    said.quiet = false;
}

static const char *const names[] = { "a", "b/c", "b", "d/e/f", "d" };
#define NAMES (sizeof(names) / sizeof(names[0]))
static uint32_t owed[NAMES];
static size_t unasked;

static void pay(void *arg, struct event *ev)
{
    (void)arg;
    for (size_t i = 0; i < NAMES; i++) {
        if (ev->name.len != strlen(names[i]) || memcmp(ev->name.s, names[i], ev->name.len) != 0)
            continue;
        unasked += ev->mask != owed[i];
        owed[i] = 0;
    }
}

/* What goes in comes out: every bit of every path, once, whatever the times. */
static void nothing_is_lost(void)
{
    struct settle_config cfg = { .quiet_ns = QUIET * MS, .most_ns = MOST * MS, .out = pay };
    size_t late = 0;

    cfg.bytes = 1200; /* sometimes one too many */
    now = START;
    s = settle_new(&cfg);
    srand(1);
    for (int step = 0; step < 20000; step++) {
        size_t k = (size_t)rand() % NAMES;
        uint32_t bit = 1u << rand() % 6;

        now += rand() % 60 * MS;
        settle_run(s, now);
        late += settle_wake(s) != 0 && settle_wake(s) <= now;
        owed[k] |= bit;
        heard(bit, "./", names[k]);
    }
    is_num((long long)late, 0, "what is due has gone on");
    settle_flush(s);
    for (size_t k = 0; k < NAMES; k++)
        unasked += owed[k] != 0;
    is_num((long long)unasked, 0, "every bit came, and came once");
    wakes_at(-1, "nothing is left");
    end();
}

int main(void)
{
    quiet();
    order();
    one_path();
    renames();
    not_held_up();
    bounds();
    nothing_is_lost();
    buf_free(&said.text);
    return done_testing();
}
