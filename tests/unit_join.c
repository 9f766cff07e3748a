/*
 * unit_join.c - the halves of renames put together, by a clock of our own.
 */
#include "config.h"

#include "event_lines.h"
#include "join.h"

#define MS INT64_C(1000000)

static struct lines said;
static struct join *j;
static int64_t now;

static void begin(void)
{
    now = 1000 * MS;
    j = join_new(lines_put, &said);
}

static void end(void)
{
    join_free(j);
}

static void other(uint32_t mask, const char *name)
{
    struct event ev = event_of(mask, "d/", name);

    join_event(j, &ev, now);
}

static void from(const char *name, uint32_t cookie)
{
    struct event ev = event_of(IN_MOVED_FROM, "d/", name);

    ev.cookie = cookie;
    join_event(j, &ev, now);
}

static void to(const char *name, uint32_t cookie, const char *path)
{
    struct event ev = event_of(IN_MOVED_TO, "d/", name);

    ev.wd = 2;
    ev.cookie = cookie;
    ev.from = str_of(path);
    join_event(j, &ev, now);
}

static void pairs(void)
{
    begin();
    is_num(join_wake(j), 0, "nothing waits at first");
    other(IN_CREATE, "a");
    lines_are(&said, "CREATE d/a\n", "what is no half goes on at once");
    from("a", 7);
    lines_are(&said, "", "a first half waits");
    is_num(join_wake(j), now + JOIN_WAIT_NS, "for so long");
    to("b", 7, "d/a");
    lines_are(&said, "MOVE d/b < d/a\n", "both halves are one record");
    is_num(said.last.mask, IN_MOVED_FROM | IN_MOVED_TO, "with the bits of both");
    is_num(said.last.cookie, 7, "the cookie");
    is_num(said.last.wd, 2, "the watch of the new place");
    is_num(join_wake(j), 0, "nothing waits then");
    from("b", 8);
    to("c", 8, "");
    lines_are(&said, "MOVE d/c < d/b\n",
              "the old path is that of the first half where none is told");
    to("x", 9, "");
    lines_are(&said, "MOVED_TO d/x\n", "a second half alone goes on as itself");
    from("y", 0);
    lines_are(&said, "MOVED_FROM d/y\n", "as does a first one without a cookie");
    end();
}

static void apart(void)
{
    begin();
    from("a", 1);
    other(IN_CREATE, "z");
    from("b", 2);
    other(IN_MODIFY, "z");
    lines_are(&said, "", "what comes behind a half waits");
    to("B", 2, "d/b");
    lines_are(&said, "", "also what is complete");
    to("A", 1, "d/a");
    lines_are(&said, "CREATE d/z\nMODIFY d/z\nMOVE d/B < d/b\nMOVE d/A < d/a\n",
              "the one record stands where the second half stood");
    from("a", 3);
    other(IN_CREATE, "a");
    now += JOIN_WAIT_NS - 1;
    join_run(j, now);
    lines_are(&said, "", "not too early");
    from("b", 4);
    now += 1;
    join_run(j, now);
    lines_are(&said, "MOVED_FROM d/a\nCREATE d/a\n", "a half that has waited goes on as itself");
    is_num(join_wake(j), now - 1 + JOIN_WAIT_NS, "the next one has its own time");
    to("A", 3, "d/a");
    to("B", 4, "d/b");
    lines_are(&said, "MOVED_TO d/A < d/a\nMOVE d/B < d/b\n",
              "a partner that comes too late is itself");
    from("a", 5);
    other(IN_CREATE, "z");
    join_flush(j);
    lines_are(&said, "MOVED_FROM d/a\nCREATE d/z\n", "nothing is kept back at the end");
    is_num(join_wake(j), 0, "and nothing waits");
    end();
}

static void nothing_waits_for_a_loss(void)
{
    begin();
    from("a", 1);
    other(IN_CREATE, "z");
    other(IN_Q_OVERFLOW, "");
    lines_are(&said, "MOVED_FROM d/a\nCREATE d/z\nQ_OVERFLOW d\n", "Q_OVERFLOW is not held up");
    from("b", 2);
    other(IN_UNMOUNT, "");
    lines_are(&said, "MOVED_FROM d/b\nUNMOUNT d\n", "nor is UNMOUNT");
    end();
}

static void filtered(void)
{
    struct event dropped = event_of(IN_MOVED_TO, "d/", "b");

    begin();
    dropped.cookie = 2;
    from("a", 1);
    join_dropped(j, &dropped);
    lines_are(&said, "", "another one that is not printed changes nothing");
    dropped.cookie = 1;
    join_dropped(j, &dropped);
    lines_are(&said, "MOVED_FROM d/a\n", "a half whose partner is not printed need not wait");
    end();
}

static void exchanges(void)
{
    begin();
    from("a", 1);
    from("b", 2);
    to("b", 1, "d/a");
    to("a", 2, "d/b");
    lines_are(&said, "MOVE d/b < d/a exchanged\nMOVE d/a < d/b exchanged\n",
              "an exchange is marked");
    from("a", 3);
    to("b", 3, "d/a");
    from("b", 4);
    to("a", 4, "d/b");
    lines_are(&said, "MOVE d/b < d/a\nMOVE d/a < d/b\n", "there and back is none");
    from("a", 5);
    from("b", 6);
    to("c", 5, "d/a");
    to("a", 6, "d/b");
    lines_are(&said, "MOVE d/c < d/a\nMOVE d/a < d/b\n", "nor is a round of three");
    from("a", 7);
    from("b", 8);
    to("b", 7, "d/a");
    to("c", 8, "d/b");
    lines_are(&said, "MOVE d/b < d/a\nMOVE d/c < d/b\n", "nor is what makes room for another");
    end();
}

static void bounds(void)
{
    begin();
    said.quiet = true;
    said.count = 0;
    for (uint32_t i = 1; i <= JOIN_HALVES; i++)
        from("a", i);
    is_num((long long)said.count, 0, "so many halves wait");
    from("a", 1000);
    is_num((long long)said.count, 1, "with one more the oldest goes on");
    join_flush(j);
    said.count = 0;
    from("a", 2000);
    for (int i = 1; i < JOIN_RECORDS; i++)
        other(IN_MODIFY, "z");
    is_num((long long)said.count, 0, "so many records wait behind a half");
    other(IN_MODIFY, "z");
    is_num((long long)said.count, JOIN_RECORDS + 1, "with one more all of them go on");
    from("left", 3000);
    end();
    said.quiet = false;
}

int main(void)
{
    pairs();
    apart();
    nothing_waits_for_a_loss();
    filtered();
    exchanges();
    bounds();
    buf_free(&said.text);
    return done_testing();
}
