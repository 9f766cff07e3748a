/*
 * unit_track_merged.c - exchanges of which the kernel merged a record with its neighbour, of which
 * what moved was not watched, or whose directory is elsewhere by the time it is asked. Each ends
 * with the records replayed and compared with the disk.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

static const struct scenario only_true[] = {
    {
        .title = "Race 23: of two new directories, and then with a file",
        .setup = "touch r/a;",
        .script = "mkdir r/g; mkdir r/h; mkdir r/h/in; swap r/g r/h; swap r/a r/h;",
    },
    {
        .title = "Race 23: of two new directories, twice with a file",
        .setup = "touch r/a;",
        .script = "mkdir r/g; mkdir r/h; swap r/g r/h; swap r/a r/h; mkdir r/h2; swap r/h r/a;"
                  "rm r/g;",
    },
    {
        .title = "Race 50: the watch was set between there and back",
        .script = "mkdir r/c; mkdir r/a; mkdir r/a/b; mv r/a r/c;",
        .hooks = "armed r/c: mv r/c r/a; touch r/c;",
    },
    {
        .title = "Race 50: the same, and what was there before is moved out first",
        .setup = "mkdir r/c; mkdir r/c/in;",
        .script = "mv r/c out/c; mkdir r/c; mkdir r/a; mkdir r/a/b; mv r/a r/c;",
        .hooks = "armed r/c: mv r/c r/a; mkdir r/c; mkdir r/c/d;",
    },
    {
        .title = "Race 44: what came leaves for a directory that is watched",
        .setup = "mkdir r/g; touch r/g/f; mkdir r/h; mkdir r/h/d; touch out/x;",
        .script = "mv out/x r/h/d/a; rm r/g/f; mv r/h/d/a r/g/f; mv r/h out/h;",
    },
    {
        .title = "Race 44: what was there leaves for a directory that has been let go",
        .setup = "mkdir r/a; mkdir r/c; mkdir r/c/b; touch r/c/b/b;",
        .script = "mv r/c/b out/b; swap out/b/b r/a; mkdir out/b/b/in; rm r/a;",
    },
    {
        .title = "Race 45: what moved has no watch, and the directory has been renamed",
        .setup = "mkdir r/a; mkdir r/a/d;",
        .script = "mkdir r/a/h; mkdir r/a/h/in; swap r/a/d r/a/h; mv r/a r/b;",
    },
    {
        .title = "Race 48: the arrival is merged with that of an exchange, and all is deleted",
        .setup = "mkdir r/a; mkdir r/a/a; touch r/b; touch out/x;",
        .script = "swap r/a/a r/b; swap out/x r/a/a; rm r/a;",
    },
    {
        .title = "Race 48: exchanged with what is outside, and then within: a departure is merged",
        .setup = "touch r/b; mkdir out/y; mkdir out/y/in;",
        .script = "mkdir r/c; swap out/y r/c; swap r/c r/b;",
    },
    {
        .title = "Race 48: the arrival is merged, in a directory that is new",
        .setup = "touch out/y;",
        .script = "mkdir r/b; run; mkdir r/a; mv out/y r/b/a; touch r/a/c; swap r/a/c r/b/a;",
    },
    {
        .title = "Race 48: the arrival is merged, and its directory is elsewhere",
        .setup = "mkdir r/b; touch r/b/b; touch out/x; mkdir r/c; touch r/a;",
        .script = "mv r/a r/b/b; swap out/x r/b/b; swap r/c r/b;",
    },
    {
        .title = "Race 51: the directory was deleted, and the next one has its inode number",
        .setup = "mkdir r/a; touch r/a/b;",
        .script = "mv r/a/b out/x; rm r/a; mkdir r/a; touch r/a/b;",
    },
};

int main(void)
{
    for (size_t i = 0; i < sizeof(only_true) / sizeof(only_true[0]); i++)
        ok(world_play_true(&only_true[i], false), "%s", only_true[i].title);
    return done_testing();
}
