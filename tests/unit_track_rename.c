/*
 * unit_track_rename.c - renames: pairs, single halves, and walks that are overtaken by them.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

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
        .title = "a directory passes through a name that a listing shows as another's",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n;",
        .hooks = "armed r/n: mv r/a r/n/x; mv r/n/x r/z; mkdir r/n/x;|"
                 "armed r/n/x: mv r/n/x out/y;",
        .said = "CREATE,ISDIR r/n\n"
                "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/n/x from r/a\n"
                "MOVED_FROM,ISDIR r/n/x\nMOVED_TO,ISDIR r/z from r/n/x\n"
                "CREATE,ISDIR r/n/x\nMOVED_FROM,ISDIR r/n/x\n",
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
};

/* How it is told is not laid down; but nothing may be lost, and the tree must be true. */
static const struct scenario only_true[] = {
    {
        .title = "moved out and in again under another name",
        .setup = "mkdir r/d; mkdir r/d/e; touch r/d/f;",
        .script = "mv r/d out/d; touch out/d/e/g; mv out/d r/x; touch r/x/e/h;",
    },
    {
        .title = "moved out and in again under the same name, twice",
        .setup = "mkdir r/d; mkdir r/d/e;",
        .script = "mv r/d out/d; mv out/d r/d; mv r/d out/d; mv out/d r/d; touch r/d/e/f;",
    },
    {
        .title = "moved out, and a part of it moved in again",
        .setup = "mkdir r/d; mkdir r/d/e; touch r/d/e/f;",
        .script = "mv r/d out/d; mv out/d/e r/e; touch r/e/g;",
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

int main(void)
{
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        ok(world_play(&scenarios[i]), "%s", scenarios[i].title);
    for (size_t i = 0; i < sizeof(only_true) / sizeof(only_true[0]); i++)
        ok(world_play_true(&only_true[i], false), "%s", only_true[i].title);
    deep();
    return done_testing();
}
