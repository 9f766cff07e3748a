/*
 * unit_track_rename.c - renames: pairs, halves, exchanges, and walks that are overtaken by them.
 */
#include "config.h"

#include "inotify.h"
#include "tap.h"
#include "track_world.h"

#include <string.h>

static const struct scenario scenarios[] = {
    {
        .title = "a file within a directory",
        .setup = "touch r/f;",
        .script = "mv r/f r/g;",
        .said = "MOVED_FROM r/f\nMOVED_TO r/g from r/f\n",
    },
    {
        .title = "a file to another directory, over one that is there",
        .setup = "mkdir r/a; touch r/f; touch r/a/g;",
        .script = "mv r/f r/a/g;",
        .said = "MOVED_FROM r/f\nMOVED_TO r/a/g from r/f\n",
    },
    {
        .title = "a directory: what is below it has the new path, before and after",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "touch r/a/b/f; mv r/a r/z; touch r/z/b/g; run; touch r/z/b/h;",
        .said = "CREATE r/a/b/f\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/z from r/a\n"
                "CREATE r/z/b/g\nCREATE r/z/b/h\n",
    },
    {
        .title = "a directory into another",
        .setup = "mkdir r/a; mkdir r/a/b; mkdir r/c;",
        .script = "mv r/a r/c/a; touch r/c/a/b/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/c/a from r/a\nCREATE r/c/a/b/f\n",
    },
    {
        .title = "a child out of its parent, and the parent into it",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "mv r/a/b r/b; mv r/a r/b/a; touch r/b/a/f;",
        .said = "MOVED_FROM,ISDIR r/a/b\nMOVED_TO,ISDIR r/b from r/a/b\n"
                "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b/a from r/a\nCREATE r/b/a/f\n",
    },
    {
        .title = "round in a ring",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b;",
        .script = "mv r/a r/t; mv r/b r/a; mv r/t r/b; touch r/a/in-b/f; touch r/b/in-a/g;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/t from r/a\n"
                "MOVED_FROM,ISDIR r/b\nMOVED_TO,ISDIR r/a from r/b\n"
                "MOVED_FROM,ISDIR r/t\nMOVED_TO,ISDIR r/b from r/t\n"
                "CREATE r/a/in-b/f\nCREATE r/b/in-a/g\n",
    },
    {
        .title = "there and back",
        .setup = "mkdir r/a; mkdir r/a/s;",
        .script = "mv r/a r/b; mv r/b r/a; touch r/a/s/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "MOVED_FROM,ISDIR r/b\nMOVED_TO,ISDIR r/a from r/b\nCREATE r/a/s/f\n",
    },
    {
        .title = "there and back, and the other name is made meanwhile",
        .setup = "mkdir r/a; mkdir r/a/s;",
        .script = "mv r/a r/b; mv r/b r/a; mkdir r/b; touch r/b/x; touch r/a/s/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "MOVED_FROM,ISDIR r/b\nMOVED_TO,ISDIR r/a from r/b\n"
                "CREATE,ISDIR r/b\nCREATE r/a/s/f\nCREATE r/b/x synthetic\n",
        .any_order = true,
    },
    {
        .title = "over an empty directory",
        .setup = "mkdir r/a; mkdir r/a/s; mkdir r/b;",
        .script = "mv r/a r/b; touch r/b/s/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\nDELETE_SELF r/b\n"
                "CREATE r/b/s/f\n",
        .asked = STRUCTURE_EVENTS | IN_DELETE_SELF,
        .any_order = true,
    },
    {
        .title = "over an empty directory that was just made, and the name made again",
        .setup = "mkdir r/a; touch r/a/f;",
        .script = "mkdir r/b; mv r/a r/b; mkdir r/a; touch r/a/g;",
        .said = "CREATE,ISDIR r/b\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "CREATE,ISDIR r/a\nCREATE r/a/g synthetic\n",
    },
    {
        .title = "renamed between its CREATE and the walk",
        .script = "mkdir r/a; touch r/a/f; mv r/a r/b;",
        .said = "CREATE,ISDIR r/a\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "CREATE r/b/f synthetic\n",
    },
    {
        .title = "renamed over and over between its CREATE and the walk",
        .script = "mkdir r/a; touch r/a/f; mv r/a r/b; mv r/b r/c; mv r/c r/a; mv r/a r/d;",
        .said = "CREATE,ISDIR r/a\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "MOVED_FROM,ISDIR r/b\nMOVED_TO,ISDIR r/c from r/b\n"
                "MOVED_FROM,ISDIR r/c\nMOVED_TO,ISDIR r/a from r/c\n"
                "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/d from r/a\n"
                "CREATE r/d/f synthetic\n",
    },
    {
        .title = "renamed away and the name made again, between its CREATE and the walk",
        .script = "mkdir r/a; touch r/a/f; mv r/a r/b; mkdir r/a; touch r/a/g;",
        .said = "CREATE,ISDIR r/a\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "CREATE,ISDIR r/a\nCREATE r/b/f synthetic\nCREATE r/a/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "renamed after it was opened by the walk",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "opened r/a: mv r/a r/b;",
        .said = "CREATE,ISDIR r/a\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "CREATE r/b/f synthetic\n",
        .any_order = true, /* what is in it may be told of before or after the rename */
    },
    {
        .title = "renamed after it was watched",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a r/b; mkdir r/a; touch r/a/g;",
        .said = "CREATE,ISDIR r/a\nMOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\n"
                "CREATE,ISDIR r/a\nCREATE r/b/f synthetic\nCREATE r/a/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "renamed within a new directory after that was watched, before it was listed",
        .script = "mkdir r/p; mkdir r/p/a; touch r/p/a/f;",
        .hooks = "armed r/p: mv r/p/a r/p/b;",
        .said = "CREATE,ISDIR r/p\nCREATE,ISDIR r/p/a synthetic\n"
                "MOVED_FROM,ISDIR r/p/a\nMOVED_TO,ISDIR r/p/b from r/p/a\n"
                "CREATE r/p/b/f synthetic\n",
    },
    {
        .title = "renamed within a new directory after that was listed",
        .script = "mkdir r/p; mkdir r/p/a; touch r/p/a/f;",
        .hooks = "listed r/p: mv r/p/a r/p/b;",
        .said = "CREATE,ISDIR r/p\nCREATE,ISDIR r/p/a synthetic\n"
                "MOVED_FROM,ISDIR r/p/a\nMOVED_TO,ISDIR r/p/b from r/p/a\n"
                "CREATE r/p/b/f synthetic\n",
    },
    {
        .title = "from a watched directory into a new one that is not watched yet",
        .setup = "mkdir r/a; touch r/a/f;",
        .script = "mkdir r/n; mv r/a r/n/a; touch r/n/a/g;",
        .said = "CREATE,ISDIR r/n\nMOVED_FROM,ISDIR r/a\nCREATE,ISDIR r/n/a synthetic\n"
                "CREATE r/n/a/f synthetic\nCREATE r/n/a/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "from a new directory that is not watched yet into a watched one",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n; mkdir r/n/x; touch r/n/x/f; mv r/n/x r/a/x;",
        .said = "CREATE,ISDIR r/n\nMOVED_TO,ISDIR r/a/x\nCREATE r/a/x/f synthetic\n",
    },
    {
        .title = "out of a new directory after that was listed",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n; mkdir r/n/x; touch r/n/x/f;",
        .hooks = "listed r/n: mv r/n/x r/a/x;",
        .said = "CREATE,ISDIR r/n\nCREATE,ISDIR r/n/x synthetic\nMOVED_FROM,ISDIR r/n/x\n"
                "MOVED_TO,ISDIR r/a/x from r/n/x\nCREATE r/a/x/f synthetic\n",
    },
    {
        .title = "out of a new directory after it was watched itself",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n; mkdir r/n/x; touch r/n/x/f;",
        .hooks = "armed r/n/x: mv r/n/x r/a/x; touch r/a/x/g;",
        .said = "CREATE,ISDIR r/n\nCREATE,ISDIR r/n/x synthetic\nMOVED_FROM,ISDIR r/n/x\n"
                "MOVED_TO,ISDIR r/a/x from r/n/x\nCREATE r/a/x/f synthetic\nCREATE r/a/x/g\n",
        .any_order = true,
    },
    {
        .title = "moved in from outside, with contents",
        .setup = "mkdir out/d; mkdir out/d/e; touch out/d/e/f;",
        .script = "mv out/d r/d;",
        .said = "MOVED_TO,ISDIR r/d\nCREATE,ISDIR r/d/e synthetic\nCREATE r/d/e/f synthetic\n"
                "CLOSE_WRITE r/d/e/f synthetic\n",
        .asked = STRUCTURE_EVENTS | IN_CLOSE_WRITE,
    },
    {
        .title = "moved out: nothing more is heard of it",
        .setup = "mkdir r/d; mkdir r/d/e;",
        .script = "mv r/d out/d; touch out/d/f; touch out/d/e/g; run; touch out/d/h;"
                  "touch out/d/e/i;",
        .said = "MOVED_FROM,ISDIR r/d\n",
    },
    {
        .title = "moved out and deleted there",
        .setup = "mkdir r/d; mkdir r/d/e;",
        .script = "mv r/d out/d; rm out/d;",
        .said = "MOVED_FROM,ISDIR r/d\n",
    },
    {
        .title = "moved out and in again under another name",
        .setup = "mkdir r/d; mkdir r/d/e; touch r/d/f;",
        .script = "mv r/d out/d; touch out/d/e/g; mv out/d r/x; touch r/x/e/h;",
        .said = "MOVED_FROM,ISDIR r/d\nMOVED_TO,ISDIR r/x\nCREATE,ISDIR r/x/e synthetic\n"
                "CREATE r/x/f synthetic\nCREATE r/x/e/g synthetic\nCREATE r/x/e/h\n",
        .any_order = true,
    },
    {
        .title = "moved out and in again under the same name, twice",
        .setup = "mkdir r/d; mkdir r/d/e;",
        .script = "mv r/d out/d; mv out/d r/d; mv r/d out/d; mv out/d r/d; touch r/d/e/f;",
        .said = "MOVED_FROM,ISDIR r/d\nMOVED_TO,ISDIR r/d\nMOVED_FROM,ISDIR r/d\n"
                "MOVED_TO,ISDIR r/d\nCREATE,ISDIR r/d/e synthetic\nCREATE r/d/e/f\n",
    },
    {
        .title = "moved out and another one in under its name",
        .setup = "mkdir r/d; mkdir r/d/e; mkdir out/d2; mkdir out/d2/e; touch out/d2/e/f;",
        .script = "mv r/d out/d; mv out/d2 r/d; touch out/d/e/x; touch r/d/e/g;",
        .said = "MOVED_FROM,ISDIR r/d\nMOVED_TO,ISDIR r/d\nCREATE,ISDIR r/d/e synthetic\n"
                "CREATE r/d/e/f synthetic\nCREATE r/d/e/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "a part moved up before the rest is moved out",
        .setup = "mkdir r/d; mkdir r/d/e; touch r/d/e/f;",
        .script = "mv r/d/e r/e; mv r/d out/d; touch r/e/g; touch out/d/x;",
        .said = "MOVED_FROM,ISDIR r/d/e\nMOVED_TO,ISDIR r/e from r/d/e\nMOVED_FROM,ISDIR r/d\n"
                "CREATE r/e/g\n",
    },
    {
        .title = "moved out, and a part of it moved in again",
        .setup = "mkdir r/d; mkdir r/d/e; touch r/d/e/f;",
        .script = "mv r/d out/d; mv out/d/e r/e; touch r/e/g;",
        .said = "MOVED_FROM,ISDIR r/d\nMOVED_TO,ISDIR r/e\nCREATE r/e/f synthetic\n"
                "CREATE r/e/g\n",
        .any_order = true,
    },
    {
        .title = "exchange of two files",
        .setup = "touch r/a; touch r/b;",
        .script = "swap r/a r/b;",
        .said = "MOVED_FROM r/a\nMOVED_FROM r/b\nMOVED_TO r/b from r/a\nMOVED_TO r/a from r/b\n",
    },
    {
        .title = "exchange of two directories",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b;",
        .script = "swap r/a r/b; touch r/a/in-b/f; touch r/b/in-a/g;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_FROM,ISDIR r/b\n"
                "MOVED_TO,ISDIR r/b from r/a\nMOVED_TO,ISDIR r/a from r/b\n"
                "CREATE r/a/in-b/f\nCREATE r/b/in-a/g\n",
    },
    {
        .title = "exchange of a file and a directory",
        .setup = "touch r/a; mkdir r/b; mkdir r/b/s;",
        .script = "swap r/a r/b; touch r/a/s/f;",
        .said = "MOVED_FROM r/a\nMOVED_FROM,ISDIR r/b\nMOVED_TO r/b from r/a\n"
                "MOVED_TO,ISDIR r/a from r/b\nCREATE r/a/s/f\n",
    },
    {
        .title = "exchange of a directory and a file",
        .setup = "mkdir r/a; mkdir r/a/s; touch r/b;",
        .script = "swap r/a r/b; touch r/b/s/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_FROM r/b\nMOVED_TO,ISDIR r/b from r/a\n"
                "MOVED_TO r/a from r/b\nCREATE r/b/s/f\n",
    },
    {
        .title = "exchange across directories",
        .setup = "mkdir r/x; mkdir r/y; mkdir r/x/a; mkdir r/y/b; mkdir r/x/a/in-a;",
        .script = "swap r/x/a r/y/b; touch r/y/b/in-a/f; touch r/x/a/g;",
        .said = "MOVED_FROM,ISDIR r/x/a\nMOVED_FROM,ISDIR r/y/b\n"
                "MOVED_TO,ISDIR r/y/b from r/x/a\nMOVED_TO,ISDIR r/x/a from r/y/b\n"
                "CREATE r/y/b/in-a/f\nCREATE r/x/a/g\n",
    },
    {
        .title = "exchange, and one is deleted afterwards",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a;",
        .script = "swap r/a r/b; rm r/b; touch r/a/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_FROM,ISDIR r/b\n"
                "MOVED_TO,ISDIR r/b from r/a\nMOVED_TO,ISDIR r/a from r/b\n"
                "DELETE,ISDIR r/b/in-a\nDELETE,ISDIR r/b\nCREATE r/a/f\n",
    },
    {
        .title = "exchange, and one is renamed afterwards",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a;",
        .script = "swap r/a r/b; mv r/b r/c; touch r/c/in-a/f;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_FROM,ISDIR r/b\n"
                "MOVED_TO,ISDIR r/b from r/a\nMOVED_TO,ISDIR r/a from r/b\n"
                "MOVED_FROM,ISDIR r/b\nMOVED_TO,ISDIR r/c from r/b\nCREATE r/c/in-a/f\n",
    },
    {
        .title = "exchange with one that is outside",
        .setup = "mkdir r/a; mkdir r/a/in-a; mkdir out/b; touch out/b/f;",
        .script = "swap r/a out/b; touch r/a/g; touch out/b/in-a/x;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/a\nCREATE r/a/f synthetic\n"
                "CREATE r/a/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "exchange with one that is outside, the other way round",
        .setup = "mkdir r/a; mkdir r/a/in-a; mkdir out/b; touch out/b/f;",
        .script = "swap out/b r/a; touch r/a/g; touch out/b/in-a/x;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/a\nCREATE r/a/f synthetic\n"
                "CREATE r/a/g synthetic\n",
        .any_order = true,
    },
    {
        .title = "exchange of a file with one that is outside, the other way round",
        .setup = "touch r/a; touch out/b;",
        .script = "swap out/b r/a;",
        .said = "MOVED_FROM r/a\nMOVED_TO r/a\n",
    },
    {
        .title = "in from outside and out again",
        .setup = "mkdir out/b; touch out/b/f;",
        .script = "mv out/b r/a; mv r/a out/c;",
        .said = "MOVED_TO,ISDIR r/a\nMOVED_FROM,ISDIR r/a\n",
    },
    {
        .title = "exchange of two that were just made",
        .script = "mkdir r/a; mkdir r/b; touch r/a/f; touch r/b/g; swap r/a r/b;",
        .said = "CREATE,ISDIR r/a\nCREATE,ISDIR r/b\nMOVED_FROM,ISDIR r/a\nMOVED_FROM,ISDIR r/b\n"
                "MOVED_TO,ISDIR r/b from r/a\nMOVED_TO,ISDIR r/a from r/b\n"
                "CREATE r/b/f synthetic\nCREATE r/a/g synthetic\n",
        .any_order = true,
    },
};

/* How it is told is not laid down; but nothing may be lost, and the tree must be true. */
static const struct scenario only_true[] = {
    {
        .title = "exchange of the same two directories, twice",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b; touch r/a/f; touch r/b/g;",
        .script = "swap r/a r/b; swap r/a r/b;",
    },
    {
        .title = "exchange of the same two directories, three times",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b; touch r/a/f; touch r/b/g;",
        .script = "swap r/a r/b; swap r/a r/b; swap r/b r/a;",
    },
    {
        .title = "exchange of a file and a directory, twice",
        .setup = "touch r/a; mkdir r/b; mkdir r/b/s;",
        .script = "swap r/a r/b; swap r/a r/b;",
    },
    {
        .title = "exchange and then there and back",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b;",
        .script = "swap r/a r/b; mv r/b r/c; mv r/c r/b; mv r/a r/c; mv r/c r/a;",
    },
    {
        .title = "exchange, a third in place of the second, and exchange again",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/c; touch r/a/1; touch r/b/2; touch r/c/3;",
        .script = "swap r/a r/b; mv r/b out/b; mv r/c r/b; swap r/b r/a;",
    },
    {
        .title = "there and back over an empty directory",
        .setup = "mkdir r/a; mkdir r/b; touch r/a/f;",
        .script = "mv r/a r/b; mv r/b r/a; mkdir r/b;",
    },
    {
        .title = "into its own sibling while that is walked (the one)",
        .script = "mkdir r/p; mkdir r/p/a; touch r/p/a/f; mkdir r/p/b; touch r/p/b/g;",
        .hooks = "armed r/p/a: mv r/p/a r/p/b/a;",
    },
    {
        .title = "into its own sibling while that is walked (the other)",
        .script = "mkdir r/p; mkdir r/p/a; touch r/p/a/f; mkdir r/p/b; touch r/p/b/g;",
        .hooks = "armed r/p/b: mv r/p/b r/p/a/b;",
    },
    {
        .title = "deep: the top is renamed while the walk has closed what is above it",
        .script = "mkdir r/1; mkdir r/1/2; mkdir r/1/2/3; mkdir r/1/2/3/4; mkdir r/1/s;"
                  "mkdir r/1/t; mkdir r/1/2/s; mkdir r/1/2/t; mkdir r/1/2/3/s; mkdir r/1/2/3/t;",
        .hooks = "armed r/1/2/3/4: mv r/1 r/x;",
    },
};

/* Plays it, but for what is said. */
static bool play_true(const struct scenario *s)
{
    struct world *w = world_new(s->setup);
    bool good;

    world_start(w, "r");
    if (s->hooks != NULL)
        world_hooks(w, s->hooks);
    world_do(w, s->script);
    good = world_quiet(w);
    good = world_true(w) && good;
    world_free(w);
    return good;
}

/*
 * More levels than the walk keeps descriptors for, each with two children: after the hook, most of
 * them have to be found anew, under a path that is not the one the walk began with.
 */
static void deep(void)
{
    struct world *w = world_new(NULL);
    char path[512] = "r/top", command[600];
    size_t len;

    world_start(w, "r");
    world_do(w, "mkdir r/top");
    for (int i = 0; i < 50; i++) {
        len = strlen(path);
        for (const char *name = "abc"; *name != '\0'; name++) {
            snprintf(command, sizeof(command), "mkdir %s/%c", path, *name);
            world_do(w, command);
        }
        snprintf(path + len, sizeof(path) - len, "/%c", "abc"[i % 3]);
    }
    world_at(w, SCAN_ARMED, path, "mv r/top r/other;");
    world_do(w, "");
    ok(world_quiet(w) && world_true(w), "50 levels deep, and the top is renamed at the bottom");
    world_do(w, "mv r/other/a r/a;");
    ok(world_quiet(w) && world_true(w), "and then its lower part moved up");
    world_free(w);
}

/* Records as they come where several renames run at a time. */
struct hand {
    _Alignas(struct inotify_event) char bytes[4096];
    size_t len;
};

static void put(struct hand *h, int32_t wd, uint32_t mask, uint32_t cookie, const char *name)
{
    struct inotify_event ev = { .wd = wd, .mask = mask, .cookie = cookie };

    ev.len = (uint32_t)(strlen(name) / 16 + 1) * 16;
    memset(h->bytes + h->len, 0, sizeof(ev) + ev.len);
    memcpy(h->bytes + h->len, &ev, sizeof(ev));
    memcpy(h->bytes + h->len + sizeof(ev), name, strlen(name));
    h->len += sizeof(ev) + ev.len;
}

/* Throws away what the kernel has queued: the same comes by hand. */
static void drop_queue(struct world *w)
{
    char bytes[4096];

    while (inotify_read(world_inotify(w), bytes, sizeof(bytes)) > 0)
        continue;
}

/* Two renames and a CREATE in a third directory, interleaved as on several processors. */
static void interleaved(void)
{
    struct world *w =
        world_new("mkdir r/x; mkdir r/y; mkdir r/u; mkdir r/v; mkdir r/w; mkdir r/x/a; mkdir r/u/b;"
                  "mkdir r/x/a/s; mkdir r/u/b/t;");
    struct hand h = { .len = 0 };

    world_start(w, "r");
    world_do(w, "mv r/x/a r/y/a; mv r/u/b r/v/b; touch r/w/f;");
    drop_queue(w);
    put(&h, world_wd(w, "r/x"), IN_MOVED_FROM | IN_ISDIR, 1001, "a");
    put(&h, world_wd(w, "r/u"), IN_MOVED_FROM | IN_ISDIR, 1002, "b");
    put(&h, world_wd(w, "r/w"), IN_CREATE, 0, "f");
    put(&h, world_wd(w, "r/v"), IN_MOVED_TO | IN_ISDIR, 1002, "b");
    put(&h, world_wd(w, "r/y"), IN_MOVED_TO | IN_ISDIR, 1001, "a");
    backlog_push(world_backlog(w), h.bytes, h.len);
    ok(world_quiet(w) &&
           world_said(w,
                      "MOVED_FROM,ISDIR r/x/a\nMOVED_TO,ISDIR r/y/a from r/x/a\n"
                      "MOVED_FROM,ISDIR r/u/b\nMOVED_TO,ISDIR r/v/b from r/u/b\nCREATE r/w/f\n",
                      false),
       "halves of two renames that lie between each other");
    ok(world_true(w), "and the tree is true");
    world_do(w, "touch r/y/a/s/1; touch r/v/b/t/2;");
    ok(world_quiet(w) && world_said(w, "CREATE r/y/a/s/1\nCREATE r/v/b/t/2\n", false),
       "what is below them is known under its new path");
    world_free(w);
}

/* An exchange whose records have others between them. */
static void split_exchange(void)
{
    struct world *w = world_new("mkdir r/x; mkdir r/w; mkdir r/x/a; mkdir r/x/b; mkdir r/x/a/s;");
    struct hand h = { .len = 0 };
    int32_t x, other;

    world_start(w, "r");
    world_do(w, "swap r/x/a r/x/b; touch r/w/1; touch r/w/2; touch r/w/3;");
    drop_queue(w);
    x = world_wd(w, "r/x");
    other = world_wd(w, "r/w");
    put(&h, x, IN_MOVED_FROM | IN_ISDIR, 2001, "a");
    put(&h, other, IN_CREATE, 0, "1");
    put(&h, x, IN_MOVED_TO | IN_ISDIR, 2001, "b");
    put(&h, other, IN_CREATE, 0, "2");
    put(&h, x, IN_MOVED_FROM | IN_ISDIR, 2002, "b");
    put(&h, other, IN_CREATE, 0, "3");
    put(&h, x, IN_MOVED_TO | IN_ISDIR, 2002, "a");
    backlog_push(world_backlog(w), h.bytes, h.len);
    ok(world_quiet(w) &&
           world_said(w,
                      "MOVED_FROM,ISDIR r/x/a\nMOVED_FROM,ISDIR r/x/b\n"
                      "MOVED_TO,ISDIR r/x/b from r/x/a\nMOVED_TO,ISDIR r/x/a from r/x/b\n"
                      "CREATE r/w/1\nCREATE r/w/2\nCREATE r/w/3\n",
                      false),
       "an exchange that has other records between");
    ok(world_true(w), "and the tree is true");
    world_free(w);
}

/* The first half is there, the second comes only when the first has been worked on. */
static void late_half(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/s; touch r/a/f;");
    struct hand h = { .len = 0 };
    int32_t r;

    world_start(w, "r");
    world_do(w, "mv r/a r/b");
    drop_queue(w);
    r = world_wd(w, "r");
    put(&h, r, IN_MOVED_FROM | IN_ISDIR, 3001, "a");
    backlog_push(world_backlog(w), h.bytes, h.len);
    ok(world_quiet(w) && world_said(w, "MOVED_FROM,ISDIR r/a\n", false),
       "a half whose other half has not come");
    h.len = 0;
    put(&h, r, IN_MOVED_TO | IN_ISDIR, 3001, "b");
    backlog_push(world_backlog(w), h.bytes, h.len);
    world_quiet(w);
    ok(world_said(w,
                  "MOVED_TO,ISDIR r/b from r/a\nCREATE,ISDIR r/b/s synthetic\n"
                  "CREATE r/b/f synthetic\n",
                  true),
       "and then does: what is in it is told again");
    world_no_replay(w);
    ok(world_true(w), "and the tree is true");
    world_free(w);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        ok(world_play(&scenarios[i]), "%s", scenarios[i].title);
    for (size_t i = 0; i < sizeof(only_true) / sizeof(only_true[0]); i++)
        ok(play_true(&only_true[i]), "%s", only_true[i].title);
    deep();
    interleaved();
    split_exchange();
    late_half();
    return done_testing();
}
