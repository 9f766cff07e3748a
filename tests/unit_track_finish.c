/*
 * unit_track_finish.c - CLOSE_WRITE of files that are announced late: each finished file has one.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

#define FILES (STRUCTURE_EVENTS | IN_CLOSE_WRITE)

static const struct scenario scenarios[] = {
    {
        .title = "closed when its directory's mark has passed, and its own record is queued",
        .script = "mkdir r/a; hold r/a/f; mkdir r/b; mkdir r/c;",
        .hooks = "armed r/c: release;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE,ISDIR r/b\n"
                "CREATE,ISDIR r/c\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "finished, and renamed between the watch and the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n"
                "CLOSE_WRITE r/a/g synthetic\n",
        .asked = FILES,
    },
    {
        .title = "finished, and renamed after the listing",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "finished, and renamed twice",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g; mv r/a/g r/h;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n"
                "MOVED_FROM r/a/g\n"
                "MOVED_TO r/h from r/a/g\n"
                "CLOSE_WRITE r/h synthetic\n",
        .asked = FILES,
    },
    {
        .title = "still open when it is renamed: its writer's own, under the new name",
        .script = "mkdir r/a; hold r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g; | listed r/a: release;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n"
                "CLOSE_WRITE r/a/g\n",
        .asked = FILES,
    },
    {
        .title = "renamed, and written to again: closed once",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g; write r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n"
                "CLOSE_WRITE r/a/g\n",
        .asked = FILES,
    },
    {
        .title = "renamed over a finished one",
        .script = "mkdir r/a; touch r/a/f; touch r/a/g;",
        .hooks = "listed r/a: mv r/a/f r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "CLOSE_WRITE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "renamed to where nothing is watched: nothing more",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f out/f;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n",
        .asked = FILES,
    },
    {
        .title = "renamed and deleted: nothing more",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "armed r/a: mv r/a/f r/a/g; rm r/a/g;",
        .said = "CREATE,ISDIR r/a\n"
                "CREATE r/a/f synthetic\n"
                "MOVED_FROM r/a/f\n"
                "MOVED_TO r/a/g from r/a/f\n"
                "DELETE r/a/g\n",
        .asked = FILES,
    },
    {
        .title = "the directory is renamed before it is known whether the file is finished",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: mv r/a r/b;",
        .said = "CREATE,ISDIR r/a\n"
                "MOVED_FROM,ISDIR r/a\n"
                "MOVED_TO,ISDIR r/b from r/a\n"
                "CREATE r/b/f synthetic\n"
                "CLOSE_WRITE r/b/f synthetic\n",
        .asked = FILES,
    },
};

int main(void)
{
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        ok(world_play(&scenarios[i]), "%s", scenarios[i].title);
    return done_testing();
}
