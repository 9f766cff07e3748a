/*
 * unit_backlog_model.c - records that wait: a million of them, and random steps against a model.
 */
#include "config.h"

#include "backlog.h"
#include "inotify.h"
#include "push.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

/* A long run: what was taken leaves nothing behind. */
static void through(void)
{
    enum { N = 1000000 };
    struct backlog *b = backlog_new(-1);
    size_t wrong = 0, most = 0;
    struct cursor c;
    struct raw r;

    for (uint32_t i = 1; i <= N / 2; i++) {
        push(b, 1, IN_MOVED_FROM, i, "from");
        push(b, 2, IN_MOVED_TO, i, "to");
        if (i <= 1000)
            continue; /* so many wait at any time */
        wrong += !backlog_next(b, &r) || r.cookie != i - 1000 || r.wd != 1;
        wrong += !backlog_find_cookie(b, r.cookie, &c);
        if (i % 2 == 0)
            wrong += !backlog_next(b, &r) || r.cookie != i - 1000 || r.wd != 2;
        else
            backlog_strike(b, &c);
        if (backlog_bytes(b) > most)
            most = backlog_bytes(b);
    }
    is_num((long long)wrong, 0, "1,000,000 records through");
    ok(most < 1000000, "what waits at a time is all that is kept (%zu bytes)", most);
    backlog_free(b);
}

/* Against a list that is as simple as can be. */
static void model(uint64_t seed)
{
    enum { MOST = 60000 };
    struct known {
        int32_t wd;
        uint32_t cookie;
        uint8_t to, gone;
    } *all = calloc(MOST, sizeof(*all));
    struct backlog *b = backlog_new(-1);
    size_t n = 0, next = 0, wrong = 0, steps = 0;
    uint64_t x = seed * 2654435761u + 88172645463325252u;
    struct cursor c, at;
    struct raw r;

    while (n < MOST) {
        unsigned what;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        what = (unsigned)(x >> 33) % 100;
        steps++;
        if (what < 45) {
            static const char long_name[] = "a name that is long enough to fill the blocks, "
                                            "so that many of them are begun and done with";
            uint32_t cookie = (uint32_t)(x >> 8) % 4 == 0 ? (uint32_t)n + 1 : 0;

            all[n] = (struct known){ (int32_t)n + 1, cookie, cookie != 0, 0 };
            push(b, (int32_t)n + 1, cookie != 0 ? IN_MOVED_TO : IN_OPEN, cookie,
                 long_name + (x >> 50) % sizeof(long_name));
            n++;
        } else if (what < 85) {
            while (next < n && all[next].gone)
                next++;
            if (next == n) {
                wrong += backlog_next(b, &r);
            } else {
                wrong += !backlog_next(b, &r) || r.wd != all[next].wd;
                all[next++].gone = 1;
            }
        } else if (what < 95 && n > 0) {
            uint32_t cookie = (uint32_t)(next + (x >> 40) % (n - next + 3)) + 1;
            const struct known *k = cookie <= n ? &all[cookie - 1] : NULL;
            bool there = k != NULL && k->to && !k->gone;

            wrong += backlog_find_cookie(b, cookie, &c) != there;
            if (there && x & 1) {
                backlog_strike(b, &c);
                all[cookie - 1].gone = 1;
            }
        } else {
            size_t i = next;

            backlog_first(b, &c);
            for (int k = 0; k < 20; k++) {
                while (i < n && all[i].gone)
                    i++;
                if (i == n) {
                    wrong += backlog_peek(b, &c, &r, &at);
                    break;
                }
                wrong += !backlog_peek(b, &c, &r, &at) || r.wd != all[i].wd;
                if ((x >> k & 7) == 3) {
                    backlog_strike(b, &at);
                    all[i].gone = 1;
                }
                i++;
            }
        }
    }
    ok(wrong == 0, "%zu random steps, seed %llu: %zu differ from the model", steps,
       (unsigned long long)seed, wrong);
    backlog_free(b);
    free(all);
}

int main(void)
{
    through();
    for (uint64_t seed = 1; seed <= 5; seed++)
        model(seed);
    return done_testing();
}
