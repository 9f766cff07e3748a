/*
 * unit_track_add.c - paths added and dropped at random, while directories come and go: what is
 * watched, and for what, in track, in the kernel and in a model that knows nothing of trees. And
 * the races of a walk that an add makes.
 */
#include "config.h"

#include "inotify.h"
#include "tap.h"
#include "track_world.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 3 /* below r, each with the names a to c */
#define PATHS (1 + 3 + 9 + 27)
#define STRUCTURE (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF)

/* What the model knows of a path. */
struct place {
    char path[16];
    int parent;
    bool there;
    bool asked, recursive;
    uint32_t own, below;
    /* what track and the kernel say */
    int32_t wd;
    uint32_t mask, kernel;
    bool told_recursive;
};

static struct place place[PATHS];

static void name_places(void)
{
    int n = 1;

    snprintf(place[0].path, sizeof(place[0].path), "r");
    place[0].parent = -1;
    for (int i = 0; n < PATHS; i++)
        for (int c = 0; c < 3; c++, n++) {
            place[n].parent = i;
            snprintf(place[n].path, sizeof(place[n].path), "%.12s/%c", place[i].path, 'a' + c);
        }
}

static int find_place(const char *path, size_t len)
{
    for (int i = 0; i < PATHS; i++)
        if (strlen(place[i].path) == len && memcmp(place[i].path, path, len) == 0)
            return i;
    return -1;
}

/* Over which ask the place goes; -1: it is not watched. */
static int covered_by(int i)
{
    while (i >= 0 && !(place[i].asked && place[i].recursive))
        i = place[i].parent;
    return i;
}

static bool is_watched(int i)
{
    return place[i].there && (place[i].asked || covered_by(i) >= 0);
}

static uint32_t own_of(int i)
{
    return place[i].asked ? place[i].own : place[covered_by(i)].below;
}

/* All that happened has been handed out. */
static bool sync_world(struct world *w)
{
    struct track *t = world_track(w);

    track_sync(t);
    for (int i = 0; i < 1000; i++) {
        (void)backlog_fill(world_backlog(w), SIZE_MAX);
        (void)track_run(t, SIZE_MAX);
        if (track_synced(t))
            return true;
    }
    printf("# no sync\n");
    return false;
}

static void note_watch(void *arg, const struct track_watch *w)
{
    int i = find_place(w->path.s, w->path.len);
    bool *good = arg;

    if (i < 0 || place[i].wd >= 0) {
        printf("# track has %.*s %s\n", (int)w->path.len, w->path.s, i < 0 ? "" : "twice");
        *good = false;
        return;
    }
    place[i].wd = w->wd;
    place[i].mask = w->mask;
    place[i].told_recursive = w->recursive;
}

/* The kernel's masks; false where it has a watch that track has not. */
static bool read_kernel(struct world *w)
{
    char line[512], path[64];
    bool good = true;
    FILE *fp;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", world_inotify(w));
    if ((fp = fopen(path, "re")) == NULL)
        err(1, "%s", path);
    while (fgets(line, sizeof(line), fp) != NULL) {
        unsigned wd, mask;
        int i;

        if (sscanf(line, "inotify wd:%x ino:%*x sdev:%*x mask:%x", &wd, &mask) != 2)
            continue;
        for (i = 0; i < PATHS && place[i].wd != (int32_t)wd; i++)
            ;
        if (i == PATHS) {
            printf("# the kernel has watch %u, and track has not\n", wd);
            good = false;
        } else {
            place[i].kernel = mask & IN_ALL_EVENTS;
        }
    }
    fclose(fp);
    return good;
}

static bool check_place(int i)
{
    const struct place *p = &place[i];
    uint32_t wanted;

    if (is_watched(i) != (p->wd >= 0)) {
        printf("# %s is %swatched\n", p->path, p->wd < 0 ? "not " : "");
        return false;
    }
    if (!is_watched(i))
        return true;
    wanted = own_of(i);
    if (p->mask != wanted || p->told_recursive != (p->asked && p->recursive)) {
        printf("# %s: mask %" PRIx32 " instead of %" PRIx32 "\n", p->path, p->mask, wanted);
        return false;
    }
    if (covered_by(i) >= 0)
        wanted |= STRUCTURE;
    else if (wanted & IN_MOVED_TO)
        wanted |= IN_MOVED_FROM;
    /* Looking for what is to be dropped may have left this one. */
    if ((p->kernel & ~(uint32_t)IN_DELETE_SELF) != (wanted & ~(uint32_t)IN_DELETE_SELF)) {
        printf("# %s: the kernel has %" PRIx32 " instead of %" PRIx32 "\n", p->path, p->kernel,
               wanted);
        return false;
    }
    return true;
}

static bool check(struct world *w)
{
    bool good = true;

    for (int i = 0; i < PATHS; i++)
        place[i].wd = -1;
    track_each(world_track(w), note_watch, &good);
    good = read_kernel(w) && good;
    for (int i = 0; i < PATHS; i++)
        good = check_place(i) && good;
    return good;
}

static bool add(struct world *w, int i)
{
    static const uint32_t some[] = { IN_CREATE, IN_DELETE | IN_CREATE, IN_MOVED_TO, IN_ATTRIB,
                                     IN_OPEN | IN_CLOSE_WRITE };
    struct track_ask ask = { .events = some[rand() % 5],
                             .flags = rand() % 3 == 0 ? IN_MASK_ADD : 0,
                             .recursive = rand() % 2 };
    struct place *p = &place[i];
    int32_t wd = -1;
    int error = track_add(world_track(w), p->path, &ask, &wd), over = covered_by(i);
    uint32_t was = p->asked ? p->own : over >= 0 ? place[over].below : 0;
    uint32_t was_below = over >= 0 ? place[over].below : 0;

    if (error != (p->there ? 0 : ENOENT)) {
        printf("# add %s: %s\n", p->path, strerror(error));
        return false;
    }
    if (error != 0)
        return true;
    p->own = ask.flags != 0 ? was | ask.events : ask.events;
    if (ask.recursive)
        p->below = ask.flags != 0 ? was_below | ask.events : ask.events;
    p->recursive |= ask.recursive;
    p->asked = true;
    return true;
}

static bool drop(struct world *w, int i)
{
    struct place *p = &place[i];
    const char *of = NULL;
    int32_t wd = p->wd;
    bool by_number = p->wd >= 0 && is_watched(i) && rand() % 2;
    int error = track_drop(world_track(w), by_number ? NULL : p->path, &wd, &of);
    int wanted = p->asked ? 0 : is_watched(i) ? EBUSY : ENOENT;

    if (error != wanted) {
        printf("# drop %s: %s\n", p->path, strerror(error));
        return false;
    }
    if (error == EBUSY && strcmp(of, place[covered_by(i)].path) != 0) {
        printf("# drop %s: as a part of %s\n", p->path, of);
        return false;
    }
    if (error != 0)
        return true;
    p->asked = p->recursive = false;
    if (!sync_world(w))
        return false;
    track_dropped(world_track(w), wd);
    return true;
}

static bool make(struct world *w, int i)
{
    char command[32];

    snprintf(command, sizeof(command), "mkdir %s", place[i].path);
    if (world_try(w, command))
        place[i].there = true;
    return sync_world(w);
}

static bool unmake(struct world *w, int i)
{
    char command[32];

    if (i == 0)
        return true;
    for (int k = 0; k < PATHS; k++)
        if (place[k].parent == i && place[k].there)
            return true;
    snprintf(command, sizeof(command), "rm %s", place[i].path);
    if (world_try(w, command))
        place[i].there = place[i].asked = place[i].recursive = false;
    return sync_world(w);
}

static void test_random(unsigned seed)
{
    struct world *w = world_new("");
    bool good = true;
    int step;

    srand(seed);
    memset(place, 0, sizeof(place));
    name_places();
    place[0].there = true;
    world_config(w)->asks = true;
    world_config(w)->recursive = false;
    world_no_replay(w);
    good = world_start(w, "") == 0 && sync_world(w);
    for (step = 0; step < 3000 && good; step++) {
        int i = rand() % PATHS;

        switch (rand() % 6) {
        case 0:
        case 1:
            good = make(w, i);
            break;
        case 2:
            good = unmake(w, i);
            break;
        case 3:
        case 4:
            good = add(w, i);
            break;
        default:
            good = drop(w, i);
            break;
        }
        good = good && sync_world(w) && check(w);
    }
    ok(good, "seed %u: 3,000 adds, drops, new and removed directories (step %d)", seed, step);
    world_free(w);
}

/* An add whose walk is disturbed at a point of it: nothing is missed, and nothing told twice. */
static void test_walk(const char *title, const char *setup, const char *hooks, const char *said)
{
    struct track_ask ask = { .events = STRUCTURE_EVENTS, .recursive = true };
    struct world *w = world_new(setup);
    int32_t wd;
    bool good;

    world_config(w)->asks = true;
    world_config(w)->recursive = false;
    world_no_replay(w);
    good = world_start(w, "") == 0 && sync_world(w);
    world_forget(w);
    if (*hooks != '\0')
        world_hooks(w, hooks);
    good = good && track_add(world_track(w), "r", &ask, &wd) == 0 && sync_world(w);
    good = world_said(w, said, false) && good;
    good = world_hooks_met(w) && world_true(w) && good;
    ok(good, "%s", title);
    world_free(w);
}

/* Another number than 1: seeds from there on. */
int main(int argc, char **argv)
{
    unsigned from = argc > 1 ? (unsigned)atoi(argv[1]) : 1;

    test_walk("what is there is not told", "mkdir r/a; touch r/a/f;", "", "");
    test_walk("a directory made behind the watch is told once", "mkdir r/a;",
              "armed r: mkdir r/b; touch r/b/f;", "CREATE,ISDIR r/b\nCREATE r/b/f synthetic\n");
    test_walk("one made before its parent is listed, and used", "mkdir r/a;",
              "armed r/a: mkdir r/a/b; | armed r/a/b: mkdir r/a/b/c;",
              "CREATE,ISDIR r/a/b\nCREATE,ISDIR r/a/b/c synthetic\n");
    test_walk("one that goes meanwhile", "mkdir r/a; mkdir r/a/b;", "listed r/a: rm r/a/b;",
              "DELETE,ISDIR r/a/b\n");
    test_walk("one that is renamed meanwhile", "mkdir r/a; mkdir r/a/b;",
              "listed r/a: mv r/a/b r/a/c;",
              "MOVED_FROM,ISDIR r/a/b\nMOVED_TO,ISDIR r/a/c from r/a/b\n");
    for (unsigned seed = from; seed < from + 5; seed++)
        test_random(seed);
    return done_testing();
}
