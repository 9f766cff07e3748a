/*
 * unit_track_storm.c - random changes at random moments, the same ones for the same seed.
 *
 * The changes are made by the test itself, before records are worked on and at every point of
 * every walk: a storm in one thread, in which every race that is found can be had again. The
 * names are few, so that they are used again all the time.
 *
 * PYWATCH_SEEDS="FIRST COUNT KIND" runs others than the usual seeds (KIND 0 to 5, else all); with
 * COUNT 1, every change and every event is shown.
 */
#include "config.h"

#include "tap.h"
#include "track_world.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 12

struct storm {
    uint64_t x;
    unsigned budget; /* changes that may still be made within walks of this round */
    bool losing, show, follow;
};

static uint32_t roll(struct storm *s, uint32_t below)
{
    s->x ^= s->x << 13, s->x ^= s->x >> 7, s->x ^= s->x << 17;
    return (uint32_t)(s->x >> 24) % below;
}

static void some_path(struct storm *s, char *path, size_t room)
{
    unsigned depth = 1 + roll(s, 3);
    int n;

    if (s->follow && roll(s, 12) == 0) {
        snprintf(path, room, "r");
        return;
    }
    if (roll(s, 6) == 0) {
        snprintf(path, room, "out/%c", "xy"[roll(s, 2)]);
        return;
    }
    n = snprintf(path, room, "r");
    while (depth-- > 0)
        n += snprintf(path + n, room - (size_t)n, "/%c", "abc"[roll(s, 3)]);
}

/* One change; false where it could not be made. */
static bool attempt(struct world *w, struct storm *s)
{
    /* Some more often than others. */
    static const char *const verbs[] = { "mkdir", "mkdir", "mkdir", "touch", "touch", "rm",
                                         "mv",    "mv",    "mv",    "swap",  "hold",  "write" };
    char a[32], b[32], command[100];
    const char *verb = verbs[roll(s, sizeof(verbs) / sizeof(verbs[0]))];
    bool done;

    some_path(s, a, sizeof(a));
    some_path(s, b, sizeof(b));
    if (s->losing && roll(s, 80) == 0)
        snprintf(command, sizeof(command), "lose");
    else if (roll(s, 30) == 0)
        snprintf(command, sizeof(command), "release");
    else
        snprintf(command, sizeof(command), "%s %s %s", verb, a,
                 strcmp(verb, "mv") == 0 || strcmp(verb, "swap") == 0 ? b : "");
    done = world_try(w, command);
    if (s->show && done)
        printf("# - %s\n", command);
    return done;
}

static void change(struct world *w, struct storm *s)
{
    for (int i = 0; i < 10 && !attempt(w, s); i++)
        continue;
}

static void within_walk(struct world *w, void *arg)
{
    struct storm *s = arg;

    for (unsigned n = roll(s, 4); n > 1 && s->budget > 0; n--, s->budget--)
        change(w, s);
}

static bool storm(uint64_t seed, bool losing, bool snapshot, bool follow, bool show)
{
    struct storm s = { .x = seed * 2654435761u + 88172645463325252u,
                       .show = show,
                       .follow = follow };
    struct world *w = world_new(NULL);
    bool good = true;

    world_config(w)->snapshot = snapshot;
    world_config(w)->asked |= IN_Q_OVERFLOW;
    if (follow) {
        world_config(w)->asked |= IN_DELETE_SELF;
        world_config(w)->initial = seed % 2;
        world_follow(w);
    }
    for (int i = 0; i < 10; i++)
        change(w, &s);
    world_do(w, "release;");
    world_start(w, "r");
    s.losing = losing;
    world_everywhere(w, within_walk, &s);
    for (int round = 0; good && round < ROUNDS; round++) {
        if (show)
            printf("# round %d\n", round);
        s.budget = 30;
        for (unsigned n = 3 + roll(&s, 15); n > 0; n--)
            change(w, &s);
        good = world_quiet(w);
        if (show)
            (void)world_said(w, "", false);
        world_forget(w);
        good = world_true(w) && good;
        if (!good)
            printf("# seed %llu, round %d\n", (unsigned long long)seed, round);
    }
    world_free(w);
    return good;
}

int main(void)
{
    static const struct {
        const char *title;
        bool losing, snapshot, follow;
    } kinds[] = {
        { "storms", false, false, false },
        { "storms, --snapshot", false, true, false },
        { "storms with overflows", true, false, false },
        { "storms with overflows, --snapshot", true, true, false },
        { "storms, --follow", false, false, true },
        { "storms with overflows, --follow", true, false, true },
    };
    /* What once went wrong, and was mended. */
    static const struct {
        unsigned long long seed;
        size_t kind;
    } mended[] = { { 700035, 3 }, { 700475, 0 } };
    const char *given = getenv("PYWATCH_SEEDS");
    unsigned long long first = 1, count = 100;
    size_t only = SIZE_MAX;

    if (given != NULL)
        (void)sscanf(given, "%llu %llu %zu", &first, &count, &only);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        unsigned bad = 0;

        if (only < sizeof(kinds) / sizeof(kinds[0]) && k != only)
            continue;
        for (unsigned long long seed = first; seed < first + count; seed++)
            bad += !storm(seed, kinds[k].losing, kinds[k].snapshot, kinds[k].follow,
                          count == 1);
        ok(bad == 0, "%llu %s (%u failed)", count, kinds[k].title, bad);
    }
    for (size_t i = 0; given == NULL && i < sizeof(mended) / sizeof(mended[0]); i++) {
        size_t k = mended[i].kind;

        ok(storm(mended[i].seed, kinds[k].losing, kinds[k].snapshot, kinds[k].follow, false),
           "%s: seed %llu", kinds[k].title, mended[i].seed);
    }
    return done_testing();
}
