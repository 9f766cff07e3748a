/*
 * unit_track_new.c - directories that appear: every race between making them and watching them.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

#define FILES (STRUCTURE_EVENTS | IN_CLOSE_WRITE)

static const struct scenario scenarios[] = {
    {
        .title = "made before the watch: announced",
        .script = "mkdir r/a; touch r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f synthetic\n",
        .asked = FILES,
    },
    {
        .title = "made between the watch and the listing: its own record",
        .script = "mkdir r/a;",
        .hooks = "armed r/a: touch r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "made after the listing: its own record",
        .script = "mkdir r/a;",
        .hooks = "listed r/a: touch r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "still open for writing when listed: no CLOSE_WRITE but its writer's",
        .script = "mkdir r/a; hold r/a/f;",
        .hooks = "listed r/a: release;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "still open for writing when announced: no CLOSE_WRITE but its writer's",
        .script = "mkdir r/a; hold r/a/f; run; release;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "written to again after the listing: announced before that, closed once",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: write r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "deleted between the watch and the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: rm r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "DELETE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "deleted before the watch: never heard of",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "opened r/a: rm r/a/f;",
        .said = "CREATE,ISDIR r/a\n",
    },
    {
        .title = "deleted after the listing: announced, no CLOSE_WRITE",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: rm r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "DELETE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "made and deleted between the watch and the listing",
        .script = "mkdir r/a;",
        .hooks = "armed r/a: touch r/a/f; rm r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f\n"
                "DELETE r/a/f\n",
    },
    {
        .title = "deleted and made again between the watch and the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: rm r/a/f; touch r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "DELETE r/a/f\n"
                "CREATE r/a/f\n",
    },
    {
        .title = "renamed between the watch and the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n",
    },
    {
        .title = "renamed over another between the watch and the listing",
        .script = "mkdir r/a; touch r/a/f; touch r/a/g;",
        .hooks = "armed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n",
    },
    {
        .title = "renamed after the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n",
    },
    {
        .title = "opened before the record that tells of it: one CREATE",
        .script = "mkdir r/a;",
        .hooks = "armed r/a: touch r/a/f; peek r/a/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "neither file nor directory: announced, never closed",
        .script = "mkdir r/a; fifo r/a/p; ln nowhere r/a/l; ln . r/a/loop;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/p synthetic\n"
                "CREATE r/a/l synthetic\n"
                "CREATE r/a/loop synthetic\n",
        .asked = FILES,
        .any_order = true,
    },
    {
        .title = "a chain of directories, all made before",
        .script = "mkdir r/a; mkdir r/a/b; mkdir r/a/b/c; touch r/a/b/c/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "CREATE,ISDIR r/a/b/c synthetic\n"
                "CREATE r/a/b/c/f synthetic\n"
                "CLOSE_WRITE r/a/b/c/f synthetic\n",
        .asked = FILES,
    },
    {
        .title = "a directory made between the watch and the listing of its parent",
        .script = "mkdir r/a;",
        .hooks = "armed r/a: mkdir r/a/b; touch r/a/b/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/f synthetic\n",
    },
    {
        .title = "a directory made after the listing of its parent",
        .script = "mkdir r/a;",
        .hooks = "listed r/a: mkdir r/a/b; touch r/a/b/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/f synthetic\n",
    },
    {
        .title = "a directory deleted between the watch and the listing of its parent",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "armed r/a: rm r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n",
    },
    {
        .title = "a directory deleted after it was listed, before it was opened",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "listed r/a: rm r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n",
    },
    {
        .title = "a directory deleted after it was opened, before it was watched",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "opened r/a/b: rm r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n",
    },
    {
        .title = "a directory deleted after it was watched, before it was listed",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "armed r/a/b: rm r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "CREATE r/a/b/f synthetic\n"
                "DELETE r/a/b/f\n"
                "DELETE_SELF r/a/b\n"
                "DELETE,ISDIR r/a/b\n",
        .asked = STRUCTURE_EVENTS | IN_DELETE_SELF,
        .any_order = true, /* when its last reference goes decides when DELETE_SELF comes */
    },
    {
        .title = "a directory deleted and made again after it was listed, before it was opened",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "listed r/a: rm r/a/b; mkdir r/a/b; touch r/a/b/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/g synthetic\n",
    },
    {
        .title = "a directory deleted and made again after it was opened",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "opened r/a/b: rm r/a/b; mkdir r/a/b; touch r/a/b/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/g synthetic\n",
    },
    {
        .title = "a directory deleted and made again after it was watched",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "armed r/a/b: rm r/a/b; mkdir r/a/b; touch r/a/b/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "CREATE r/a/b/f synthetic\n"
                "DELETE r/a/b/f\n"
                "DELETE,ISDIR r/a/b\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/g synthetic\n",
    },
    {
        .title = "deleted and made again before its CREATE is worked on",
        .script = "mkdir r/a; touch r/a/f; rm r/a; mkdir r/a; touch r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\n"
                "CREATE r/a/g synthetic\n",
    },
    {
        .title = "the same three times, the last within the first walk",
        .script = "mkdir r/a; rm r/a; mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: rm r/a; mkdir r/a; touch r/a/g; mkdir r/a/s; touch r/a/s/h;",
        .said = "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\n"
                "CREATE r/a/g synthetic\n"
                "CREATE,ISDIR r/a/s synthetic\n"
                "CREATE r/a/s/h synthetic\n",
        .any_order = true,
    },
    {
        .title = "made and deleted before its CREATE is worked on",
        .script = "mkdir r/a; touch r/a/f; rm r/a;",
        .said = "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n",
    },
    {
        .title = "replaced by a file before its CREATE is worked on",
        .script = "mkdir r/a; rm r/a; touch r/a;",
        .said = "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n"
                "CREATE r/a\n",
    },
    {
        .title = "replaced by a link to elsewhere before its CREATE is worked on",
        .setup = "mkdir out/e; touch out/e/f;",
        .script = "mkdir r/a; rm r/a; ln ../out r/a;",
        .said = "CREATE,ISDIR r/a\n"
                "DELETE,ISDIR r/a\n"
                "CREATE r/a\n",
    },
    {
        .title = "replaced by a link after it was listed",
        .setup = "mkdir out/e; touch out/e/f;",
        .script = "mkdir r/a; mkdir r/a/b;",
        .hooks = "listed r/a: rm r/a/b; ln ../../out r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n"
                "CREATE r/a/b\n",
    },
    {
        .title = "a file replaced by a directory between the watch and the listing",
        .script = "mkdir r/a; touch r/a/b;",
        .hooks = "armed r/a: rm r/a/b; mkdir r/a/b; touch r/a/b/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/b synthetic\n"
                "DELETE r/a/b\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/f synthetic\n",
    },
    {
        .title = "a directory replaced by a file between the watch and the listing",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "armed r/a: rm r/a/b; touch r/a/b;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n"
                "CREATE r/a/b\n",
    },
    {
        .title = "known from set-up, deleted and made again",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "rm r/a; mkdir r/a; touch r/a/g;",
        .said = "DELETE r/a/b/f\n"
                "DELETE,ISDIR r/a/b\n"
                "DELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\n"
                "CREATE r/a/g synthetic\n",
    },
    {
        .title = "rmdir and mkdir over and over",
        .script = "mkdir r/a; rm r/a; mkdir r/a; rm r/a; mkdir r/a; rm r/a; mkdir r/a; run;"
                  "rm r/a; mkdir r/a; run; rm r/a;",
        .said = "CREATE,ISDIR r/a\nDELETE,ISDIR r/a\nCREATE,ISDIR r/a\nDELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\nDELETE,ISDIR r/a\nCREATE,ISDIR r/a\nDELETE,ISDIR r/a\n"
                "CREATE,ISDIR r/a\nDELETE,ISDIR r/a\n",
    },
    {
        .title = "--initial: what is there, then what happens, while it is listed",
        .setup = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: touch r/a/g; | listed r/a: mkdir r/a/b; touch r/a/b/h;",
        .said = "CREATE,ISDIR r/a synthetic\n"
                "CREATE r/a/f synthetic\n"
                "CREATE r/a/g\n"
                "CREATE,ISDIR r/a/b\n"
                "CREATE r/a/b/h synthetic\n",
        .any_order = true,
        .initial = true,
    },
    {
        .title = "--initial: deleted while it is listed",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f; touch r/a/g;",
        .hooks = "armed r/a: rm r/a/g; | listed r/a: rm r/a/b;",
        .said = "CREATE,ISDIR r/a synthetic\n"
                "CREATE r/a/g synthetic\n"
                "DELETE r/a/g\n"
                "CREATE,ISDIR r/a/b synthetic\n"
                "DELETE,ISDIR r/a/b\n",
        .initial = true,
    },
    {
        .title = "Race 10: closed between the listing and the record that its window waits for",
        .script = "mkdir r/d; hold r/d/f; mkdir r/e;",
        .hooks = "armed r/e: release;",
        .said = "CREATE,ISDIR r/d\nCREATE,ISDIR r/e\nCREATE r/d/f synthetic\nCLOSE_WRITE r/d/f\n",
        .asked = FILES,
    },
    {
        .title = "Race 49: closed after it was deleted, and that was before the watch",
        .script = "mkdir r/d; hold r/d/f; rm r/d/f;",
        .hooks = "armed r/d: release;",
        .said = "CREATE,ISDIR r/d\nCLOSE_WRITE r/d/f\n",
        .asked = FILES,
    },
    {
        .title = "Race 49: the same, and a directory has the name now",
        .script = "mkdir r/d; hold r/d/f; rm r/d/f; mkdir r/d/f;",
        .hooks = "armed r/d: release;",
        .said = "CREATE,ISDIR r/d\nCLOSE_WRITE r/d/f\nCREATE,ISDIR r/d/f synthetic\n",
        .asked = FILES,
    },
    {
        .title = "Race 49: deleted and closed, and then made again",
        .script = "mkdir r/d; hold r/d/f;",
        .hooks = "armed r/d: rm r/d/f; release; touch r/d/f;",
        .said = "CREATE,ISDIR r/d\nCREATE r/d/f synthetic\nDELETE r/d/f\nCLOSE_WRITE r/d/f\n"
                "CREATE r/d/f\nCLOSE_WRITE r/d/f\n",
        .asked = FILES,
    },
    {
        .title = "--initial with CLOSE_WRITE: what was there is not told to be finished",
        .setup = "touch r/f;",
        .said = "CREATE r/f synthetic\n",
        .asked = FILES,
        .initial = true,
    },
};

/* The record that the walk at set-up overtakes is the last that is queued. */
static void test_setup(void)
{
    struct world *w = world_new("mkdir r/a;");
    bool good;

    world_hooks(w, "armed r: mkdir r/b; touch r/b/f;");
    world_no_replay(w);
    good = world_start(w, "r") == 0 && world_quiet(w);
    good = world_said(w, "CREATE,ISDIR r/b\nCREATE r/b/f synthetic\n", false) && good;
    ok(world_true(w) && good, "made while the root is set up: told once");
    world_free(w);
}

int main(void)
{
    test_setup();
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        ok(world_play(&scenarios[i]), "%s", scenarios[i].title);
    return done_testing();
}
