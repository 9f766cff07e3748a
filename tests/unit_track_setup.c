/*
 * unit_track_setup.c - set-up while the disk changes: what is armed by its name, looked at, and
 * not listed where its link count says that nothing is below it.
 */
#include "config.h"

#include "tap.h"
#include "track_world.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READING (IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE)

/* What set-up finds is not told of, so a replay would not know where to begin. */
static const struct {
    const char *title, *setup, *hooks;
} races[] = {
    { "a directory is made in one that had none, before it is armed", "mkdir r/a;",
      "opened r/a: mkdir r/a/b; mkdir r/a/b/c;" },
    { "the same, before it is looked at", "mkdir r/a;", "armed r/a: mkdir r/a/b; mkdir r/a/b/c;" },
    { "the same, after it has been looked at", "mkdir r/a;",
      "listed r/a: mkdir r/a/b; mkdir r/a/b/c;" },
    { "its only directory is deleted before it is looked at", "mkdir r/a; mkdir r/a/b;",
      "armed r/a: rm r/a/b;" },
    { "deleted before it is armed", "mkdir r/a; mkdir r/a/b;", "opened r/a: rm r/a;" },
    { "deleted before it is looked at", "mkdir r/a; mkdir r/a/b;", "armed r/a: rm r/a;" },
    { "renamed before it is looked at", "mkdir r/a; mkdir r/a/b;", "armed r/a: mv r/a r/c;" },
    { "renamed before it is opened", "mkdir r/a; mkdir r/a/b;", "opened r/a: mv r/a r/c;" },
    { "replaced before it is armed, and put back before it is looked at",
      "mkdir r/a; mkdir r/a/b; mkdir out/x; mkdir out/x/y;",
      "opened r/a: mv r/a out/a; mv out/x r/a; | armed r/a: mv r/a out/x; mv out/a r/a;" },
    { "replaced by one within, and put back",
      "mkdir r/a; mkdir r/a/b; mkdir r/x; mkdir r/x/y; mkdir r/d; mkdir r/d/e;",
      "opened r/a: swap r/a r/x; | armed r/a: swap r/a r/x;" },
    { "of two that have nothing below them, one replaced by the other, and put back",
      "mkdir r/a; mkdir r/x;", "opened r/a: swap r/a r/x; | armed r/a: swap r/a r/x;" },
    { "the same from outside", "mkdir r/a; mkdir out/x;",
      "opened r/a: mv r/a out/a; mv out/x r/a; | armed r/a: mv r/a out/x; mv out/a r/a;" },
    { "replaced by one within before it is looked at",
      "mkdir r/a; mkdir r/a/b; mkdir r/x; mkdir r/x/y;", "armed r/a: swap r/a r/x;" },
    { "replaced by one that has nothing below it", "mkdir r/a; mkdir r/a/b; mkdir r/x;",
      "armed r/a: swap r/a r/x;" },
    { "replaced by one that has something below it", "mkdir r/a; mkdir r/x; mkdir r/x/y;",
      "armed r/a: swap r/a r/x;" },
    { "replaced while it is listed", "mkdir r/a; mkdir r/a/b; mkdir r/x; mkdir r/x/y;",
      "listed r/a: swap r/a r/x;" },
    { "replaced by a file before it is looked at", "mkdir r/a; mkdir r/a/b; touch r/f;",
      "armed r/a: swap r/a r/f;" },
    { "there and back, and armed between the two", "mkdir r/x; mkdir r/x/y;",
      "listed r/x: mkdir r/x/d; touch r/x/d/f; | armed r/x/y: mv r/x/d r/x/y/d;"
      "| armed r/x/y/d: mv r/x/y/d r/x/d;" },
    { "exchanged, and armed between the two", "mkdir r/x; mkdir r/x/y; mkdir r/x/y/d;",
      "listed r/x: mkdir r/x/d; touch r/x/d/f; | armed r/x/y: swap r/x/d r/x/y/d;"
      "| armed r/x/y/d: swap r/x/y/d r/x/d;" },
    { "the root is replaced while it is listed", "mkdir r/a; mkdir r/a/b;",
      "listed r: mkdir r/c; mkdir r/c/d; mv r/a r/c/d/a;" },
};

static bool race(const char *setup, const char *hooks, uint32_t more)
{
    /* With neighbours enough that directories are looked at by their names. */
    struct world *w = world_new("mkdir r/n1; mkdir r/n2; mkdir r/n3; mkdir r/n4;");
    bool good;

    world_do(w, setup);
    world_config(w)->asked |= more;
    world_no_replay(w);
    world_hooks(w, hooks);
    world_start(w, "r");
    good = world_quiet(w);
    good = world_hooks_met(w) && good;
    good = world_true(w) && good;
    if (!good)
        (void)world_said(w, "", false);
    world_free(w);
    return good;
}

/* Opens and lists all, but nobody else does. */
static bool silent(const char *setup, const char *roots)
{
    struct world *w = world_new(setup);
    bool good;

    world_config(w)->asked |= READING;
    world_start(w, roots);
    good = world_quiet(w) && world_said(w, "", false);
    world_do(w, "peek r/a;");
    good = world_quiet(w) &&
           world_said(w,
                      "CLOSE_NOWRITE,ISDIR r/a\nCLOSE_NOWRITE,ISDIR r/a\n"
                      "OPEN,ISDIR r/a\nOPEN,ISDIR r/a\n",
                      true) &&
           good;
    world_free(w);
    return good;
}

/* A directory is moved, while it is listed, into one that has its whole mask already. */
static bool silent_move(void)
{
    struct world *w = world_new("mkdir r/n; mkdir r/a; mkdir r/a/b;");
    bool good;

    world_config(w)->asked = READING;
    world_hooks(w, "listed r/a: mv r/a r/n/a;");
    world_start(w, "r");
    good = world_quiet(w) && world_said(w, "", false);
    world_do(w, "peek r/n/a;");
    good = world_quiet(w) && world_lines(w) == 4 && world_hooks_met(w) && good;
    world_free(w);
    return good;
}

#define DEEP 140 /* more than set-up keeps open */

/*
 * Far below r/a, when the descriptor of that is closed, its path is made to lead nowhere. What is
 * left to be visited in r/a is there all the same.
 */
static bool deep(const char *script)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/s; mkdir r/a/s/t; mkdir r/a/u;"
                                "mkdir r/a/u/v; mkdir r/a/w; mkdir r/a/x; mkdir r/a/x/y;");
    char path[2 * DEEP + 16], command[sizeof(path) + 16], *p = stpcpy(path, "r/a");
    bool good;

    for (size_t i = 0; i < DEEP; i++) {
        p = stpcpy(p, "/d");
        snprintf(command, sizeof(command), "mkdir %s;", path);
        world_do(w, command);
        if (i % 16 == 0) { /* what lies on the way has something left, too */
            snprintf(command, sizeof(command), "mkdir %s/e;", path);
            world_do(w, command);
            snprintf(command, sizeof(command), "mkdir %s/e/f;", path);
            world_do(w, command);
        }
    }
    world_no_replay(w);
    world_config(w)->asked |= READING;
    world_at(w, SCAN_LISTED, path, script);
    world_start(w, "r");
    good = world_quiet(w) && world_hooks_met(w);
    good = world_true(w) && good;
    world_free(w);
    return good;
}

/* ---- random changes at every point of set-up; see unit_track_storm.c ---- */

struct storm {
    uint64_t x;
    unsigned budget;
    bool show;
};

static uint32_t roll(struct storm *s, uint32_t below)
{
    s->x ^= s->x << 13, s->x ^= s->x >> 7, s->x ^= s->x << 17;
    return (uint32_t)(s->x >> 24) % below;
}

static void some_path(struct storm *s, char *path, size_t room)
{
    unsigned depth = 1 + roll(s, 3);
    int n = snprintf(path, room, "r");

    if (roll(s, 8) == 0) {
        snprintf(path, room, "out/%c", "xy"[roll(s, 2)]);
        return;
    }
    while (depth-- > 0)
        n += snprintf(path + n, room - (size_t)n, "/%c", "abcd"[roll(s, 4)]);
}

static void change(struct world *w, struct storm *s)
{
    static const char *const verbs[] = { "mkdir", "mkdir", "mkdir", "mkdir", "touch",
                                         "rm",    "mv",    "mv",    "mv",    "swap" };
    char a[32], b[32], command[100];

    for (int i = 0; i < 10; i++) {
        const char *verb = verbs[roll(s, sizeof(verbs) / sizeof(verbs[0]))];

        some_path(s, a, sizeof(a));
        some_path(s, b, sizeof(b));
        snprintf(command, sizeof(command), "%s %s %s", verb, a,
                 strcmp(verb, "mv") == 0 || strcmp(verb, "swap") == 0 ? b : "");
        if (world_try(w, command)) {
            if (s->show)
                printf("# - %s\n", command);
            return;
        }
    }
}

static void within_walk(struct world *w, void *arg)
{
    struct storm *s = arg;

    for (unsigned n = roll(s, 4); n > 1 && s->budget > 0; n--, s->budget--)
        change(w, s);
}

static bool storm(uint64_t seed, bool show)
{
    struct storm s = { .x = seed * 2654435761u + 88172645463325252u, .budget = 12, .show = show };
    struct world *w = world_new(NULL);
    bool good;

    world_no_replay(w);
    if (seed % 2 == 0)
        world_config(w)->asked |= READING;
    for (int i = 0; i < 20; i++)
        change(w, &s);
    world_everywhere(w, within_walk, &s);
    if (show)
        puts("# set-up");
    world_start(w, "r");
    s.budget = 0;
    good = world_quiet(w);
    if (show)
        (void)world_said(w, "", false);
    good = world_true(w) && good;
    if (!good)
        printf("# seed %llu\n", (unsigned long long)seed);
    world_free(w);
    return good;
}

int main(void)
{
    const char *given = getenv("PYWATCH_SEEDS");
    unsigned long long first = 1, count = 150;
    unsigned bad = 0;

    for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
        ok(race(races[i].setup, races[i].hooks, 0), "%s", races[i].title);
        ok(race(races[i].setup, races[i].hooks, READING), "%s, and all is asked for",
           races[i].title);
    }
    ok(silent("mkdir r/a; mkdir r/a/b; mkdir r/a/c; touch r/a/c/f; mkdir r/d;", "r"),
       "no listing of set-up is told of");
    ok(silent("mkdir r/a; mkdir r/a/b; mkdir r/a/b/c; mkdir r/d; mkdir r/d/e;", "r/d r/a/b r"),
       "nor where a path is within a later one");
    ok(silent("mkdir r/a; mkdir r/a/b; mkdir r/a/b/c; mkdir r/d; mkdir r/d/e;", "r r/a/b r/d"),
       "nor where it is within an earlier one");
    ok(silent_move(), "nor of one that is moved meanwhile");
    ok(deep("mv r/a r/b;"),
       "far above, a directory is renamed that has something left to be visited");
    ok(deep("mv r/a/d out/d; mv r/a r/b;"), "and so is what led down from there");
    ok(deep("mkdir r/q; mv r/a/d r/q/d; mv r/a r/b; mkdir r/a; mkdir r/a/s;"),
       "and another one has its name");
    if (given != NULL)
        (void)sscanf(given, "%llu %llu", &first, &count);
    for (unsigned long long seed = first; seed < first + count; seed++)
        bad += !storm(seed, count == 1);
    ok(bad == 0, "%llu storms (%u failed)", count, bad);
    return done_testing();
}
