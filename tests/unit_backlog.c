/*
 * unit_backlog.c - records that wait: order, looking ahead, marks, the index of cookies.
 */
#include "config.h"

#include "backlog.h"
#include "inotify.h"
#include "push.h"
#include "tap.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void take(struct backlog *b, size_t n)
{
    struct raw r;

    while (n-- > 0)
        (void)backlog_next(b, &r);
}

static void order(void)
{
    struct backlog *b = backlog_new(-1);
    struct raw r;

    ok(backlog_empty(b) && !backlog_next(b, &r) && backlog_bytes(b) == 0, "empty at first");
    push(b, 1, IN_CREATE, 0, "one");
    push(b, 2, IN_DELETE_SELF, 0, "");
    ok(!backlog_empty(b) && backlog_bytes(b) >= 48, "not empty any more");
    ok(backlog_next(b, &r) && r.wd == 1 && r.mask == IN_CREATE && r.namelen == 3 &&
           strcmp(r.name, "one") == 0,
       "the first comes first");
    ok(backlog_next(b, &r) && r.wd == 2 && r.namelen == 0, "then the second");
    ok(!backlog_next(b, &r) && backlog_empty(b), "then no more");
    push(b, 3, IN_CREATE, 0, "three");
    ok(backlog_next(b, &r) && r.wd == 3, "and it goes on");
    backlog_free(b);
    backlog_free(NULL);
}

/* Enough of them for many blocks, with names of every length. */
static void blocks(void)
{
    enum { N = 40000 };
    struct backlog *b = backlog_new(-1);
    char name[256];
    struct cursor c, at, keep = { 0, 0 };
    struct raw r, kept;
    size_t wrong = 0, n = 0;

    memset(name, 'n', sizeof(name));
    for (int i = 0; i < N; i++) {
        name[i % 256] = '\0';
        push(b, i + 1, IN_OPEN, 0, name);
        name[i % 256] = 'n';
    }
    ok(backlog_bytes(b) > 4000000, "what waits is counted");
    backlog_first(b, &c);
    for (; backlog_peek(b, &c, &r, &at); n++) {
        wrong += r.wd != (int32_t)n + 1 || r.namelen != n % 256;
        if (n == N / 2)
            keep = at;
    }
    ok(wrong == 0 && n == N, "looking ahead sees all, across blocks");
    ok(!backlog_peek(b, &c, &r, NULL), "and then no more");
    push(b, N + 1, IN_OPEN, 0, "late");
    ok(backlog_peek(b, &c, &r, NULL) && r.wd == N + 1, "but what was appended since");
    take(b, N / 2);
    c = keep;
    ok(backlog_peek(b, &c, &r, NULL) && r.wd == N / 2 + 1,
       "a cursor holds until its record is taken");
    (void)backlog_next(b, &kept);
    name[(N / 2) % 256] = '\0';
    for (int i = 0; i < 5000; i++)
        push(b, 1, IN_OPEN, 0, "some more of them, with longer names than the others have");
    (void)backlog_fill(b, 1);
    ok(kept.wd == N / 2 + 1 && strlen(kept.name) == kept.namelen && strcmp(kept.name, name) == 0,
       "the name of a taken record stays until the next is taken");
    for (n = N / 2 + 1; backlog_next(b, &r) && n <= N; n++)
        wrong += r.wd != (int32_t)n + 1;
    ok(wrong == 0, "taking gives the same");
    backlog_free(b);
}

static void striking(void)
{
    struct backlog *b = backlog_new(-1);
    struct cursor c, at, to;
    struct mark m;
    struct raw r, second;
    size_t wrong = 0, left = 0;

    for (int i = 0; i < 5000; i++)
        push(b, i, IN_OPEN, 0, "a name that takes its place in the block, as names do");
    backlog_first(b, &c);
    while (backlog_peek(b, &c, &r, &at))
        if (r.wd % 7 == 3 || r.wd >= 4990)
            backlog_strike(b, &at);
    backlog_first(b, &c);
    while (backlog_peek(b, &c, &r, NULL)) {
        wrong += r.wd % 7 == 3 || r.wd >= 4990;
        left++;
    }
    ok(wrong == 0 && left == 4990 - 713, "looking ahead passes over struck records");
    m = backlog_mark(b);
    (void)backlog_fill(b, 1);
    for (; backlog_next(b, &r); left--)
        wrong += r.wd % 7 == 3 || r.wd >= 4990;
    ok(wrong == 0 && left == 0, "and so does taking");
    ok(backlog_empty(b) && backlog_passed(b, &m), "struck records do not hold back the rest");

    push(b, 1, IN_MOVED_FROM, 5, "from");
    push(b, 2, IN_OPEN, 0, "between");
    push(b, 3, IN_MOVED_TO, 5, "to");
    push(b, 4, IN_OPEN, 0, "behind");
    (void)backlog_next(b, &r);
    ok(backlog_find_cookie(b, 5, &to), "the second half is found");
    c = to;
    (void)backlog_peek(b, &c, &second, NULL);
    backlog_strike(b, &to);
    ok(strcmp(second.name, "to") == 0, "a struck record's name stays");
    ok(!backlog_find_cookie(b, 5, &to), "but it is not found again");
    ok(backlog_next(b, &r) && r.wd == 2 && backlog_next(b, &r) && r.wd == 4 &&
           !backlog_next(b, &r),
       "nor taken");
    backlog_free(b);
}

static void times(void)
{
    struct backlog *b = backlog_new(-1);
    struct timespec t[4], first, second;
    struct raw r;

    clock_gettime(CLOCK_REALTIME, &t[0]);
    push(b, 1, IN_OPEN, 0, "a");
    clock_gettime(CLOCK_REALTIME, &t[1]);
    do
        clock_gettime(CLOCK_REALTIME, &t[2]);
    while (t[2].tv_sec == t[1].tv_sec && t[2].tv_nsec - t[1].tv_nsec < 1000000);
    push(b, 2, IN_OPEN, 0, "b");
    clock_gettime(CLOCK_REALTIME, &t[3]);
#define NS(t) ((long long)(t).tv_sec * 1000000000 + (t).tv_nsec)
    (void)backlog_next(b, &r);
    first = backlog_time(b);
    (void)backlog_next(b, &r);
    second = backlog_time(b);
    ok(NS(t[0]) <= NS(first) && NS(first) <= NS(t[1]), "the first has the time of its reading");
    ok(NS(t[2]) <= NS(second) && NS(second) <= NS(t[3]), "and the second that of its own");
    ok(!backlog_next(b, &r) && NS(backlog_time(b)) == NS(second), "which stays");
    backlog_free(b);
}

static void marks(void)
{
    struct backlog *b = backlog_new(-1);
    struct mark before = backlog_mark(b), m, later;

    ok(!backlog_passed(b, &before), "a mark has not passed before the queue was seen to be empty");
    (void)backlog_fill(b, 1);
    ok(backlog_passed(b, &before), "and has once it was");
    for (int i = 0; i < 10; i++)
        push(b, i, IN_OPEN, 0, "x");
    m = backlog_mark(b);
    take(b, 10);
    ok(!backlog_passed(b, &m), "all taken, but the queue has not been read since");
    push(b, 10, IN_OPEN, 0, "x");
    ok(!backlog_passed(b, &m), "read since, but that has not been taken");
    later = backlog_mark(b);
    take(b, 1);
    ok(backlog_passed(b, &m), "now it has");
    ok(!backlog_passed(b, &later), "which is nothing to a later one");
    for (int i = 0; i < 50; i++)
        (void)backlog_fill(b, 1);
    ok(backlog_passed(b, &later), "a read that brings nothing is as good");

    for (int i = 0; i < 100; i++)
        push(b, i, IN_OPEN, 0, "x");
    m = backlog_mark(b);
    for (int i = 0; i < 50; i++)
        (void)backlog_fill(b, 1);
    take(b, 99);
    ok(!backlog_passed(b, &m), "99 of 100 are not all");
    take(b, 1);
    ok(backlog_passed(b, &m), "100 are");
    backlog_free(b);
}

/* A real instance, and one entry with a long name in it that can be opened over and over. */
struct source {
    char dir[64], path[320];
    int fd;
};

static void source_open(struct source *s)
{
    char name[241];
    int fd;

    memset(name, 'l', 240);
    name[240] = '\0';
    snprintf(s->dir, sizeof(s->dir), "%s", "/tmp/pywatch-backlog-XXXXXX");
    if (mkdtemp(s->dir) == NULL)
        err(1, "mkdtemp");
    snprintf(s->path, sizeof(s->path), "%s/%s", s->dir, name);
    fd = open(s->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) < 0)
        err(1, "%s", s->path);
    s->fd = inotify_open();
    if (s->fd < 0 || inotify_arm(s->fd, s->dir, IN_OPEN | IN_CLOSE) < 0)
        err(1, "inotify");
}

/* n records, of 272 bytes each. */
static void source_make(const struct source *s, size_t n)
{
    while (n >= 2) {
        int fd = open(s->path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || close(fd) < 0)
            err(1, "%s", s->path);
        n -= 2;
    }
}

static void source_close(struct source *s)
{
    close(s->fd);
    unlink(s->path);
    rmdir(s->dir);
}

static size_t count(struct backlog *b)
{
    struct raw r;
    size_t n = 0;

    while (backlog_next(b, &r))
        n += !(r.mask & IN_Q_OVERFLOW);
    return n;
}

static void reading(void)
{
    struct source s;
    struct backlog *b;
    struct mark m;
    size_t n = 0, rounds = 0;

    source_open(&s);
    b = backlog_new(s.fd);
    source_make(&s, 4000);
    is_num(backlog_fill(b, SIZE_MAX), 0, "reading until the queue is empty");
    m = backlog_mark(b);
    is_num((long long)count(b), 4000, "brings all");
    ok(!backlog_passed(b, &m), "a mark needs a read that began after it");
    (void)backlog_fill(b, SIZE_MAX);
    ok(backlog_passed(b, &m), "if only of nothing");

    source_make(&s, 4000);
    m = backlog_mark(b);
    is_num(backlog_fill(b, 1), 0, "reading a little");
    n = count(b);
    ok(n > 0 && n < 4000, "brings a part");
    ok(!backlog_passed(b, &m), "which a mark does not pass by");
    for (; n < 4000 && rounds < 100; rounds++) {
        ok(!backlog_passed(b, &m), "nor by the next part (%zu of 4000)", n);
        (void)backlog_fill(b, 1);
        n += count(b);
    }
    is_num((long long)n, 4000, "in the end all is there");
    ok(backlog_passed(b, &m), "and the mark has passed");
    backlog_free(b);
    source_close(&s);

    b = backlog_new(s.fd);
    is_num(backlog_fill(b, 1), EBADF, "a descriptor that is closed is an error");
    backlog_free(b);
}

/* The queue is never seen to be empty; but it cannot hold more than it holds. */
static void never_empty(void)
{
    long most = inotify_limit("max_queued_events");
    size_t taken = 0, early = 0, full, queued = 1600;
    struct source s;
    struct backlog *b;
    struct mark m;

    if (most < 1000 || most > 100000) {
        skip("a mark that passes by the size of the queue", "max_queued_events is unusual");
        return;
    }
    full = (size_t)most;
    source_open(&s);
    b = backlog_new(s.fd);
    source_make(&s, 1600);
    m = backlog_mark(b);
    while (!backlog_passed(b, &m) && taken < full * 2) {
        size_t n;

        early += taken > full;
        if (backlog_fill(b, 1) != 0)
            break;
        n = count(b);
        taken += n;
        queued -= n;
        if (queued < 1600) {
            source_make(&s, 1600);
            queued += 1600;
        }
    }
    ok(backlog_passed(b, &m) && taken > full && early == 0,
       "a mark passes once more was taken than the queue can hold (%zu, %zu)", taken, full);
    backlog_free(b);
    source_close(&s);
}

static void cookies(void)
{
    enum { N = 20000 };
    struct backlog *b = backlog_new(-1);
    struct cursor c;
    struct raw r;
    size_t wrong = 0;

    ok(!backlog_find_cookie(b, 1, &c), "no cookie is found in nothing");
    push(b, 1, IN_MOVED_FROM, 7, "x");
    ok(!backlog_find_cookie(b, 7, &c), "MOVED_FROM is not what is looked for");
    push(b, 1, IN_CREATE, 0, "x");
    ok(!backlog_find_cookie(b, 0, &c), "nor is a record without a cookie");
    take(b, 2);
    for (uint32_t i = 1; i <= N; i++) {
        push(b, (int32_t)i, IN_MOVED_FROM, i * 3, "from");
        push(b, (int32_t)i, IN_MOVED_TO, i * 3, "to");
    }
    for (uint32_t i = N; i >= 1; i--) {
        struct cursor next;

        wrong += !backlog_find_cookie(b, i * 3, &c);
        next = c;
        wrong += !backlog_peek(b, &next, &r, NULL) || r.wd != (int32_t)i ||
                 !(r.mask & IN_MOVED_TO);
        wrong += backlog_find_cookie(b, i * 3 + 1, &c);
    }
    is_num((long long)wrong, 0, "20,000 are found, and none that is not there");
    take(b, N);
    for (uint32_t i = 1; i <= N; i++)
        wrong += backlog_find_cookie(b, i * 3, &c) != (i > N / 2);
    is_num((long long)wrong, 0, "those that were taken are not found any more");
    backlog_free(b);
}

int main(void)
{
    order();
    blocks();
    striking();
    times();
    marks();
    reading();
    never_empty();
    cookies();
    return done_testing();
}
