/*
 * unit_track_resync.c - after the kernel has lost records: the tree is made true again, and what
 * changed is told.
 *
 * "lose" in a script throws away what is queued and has the kernel's record of it follow.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

#define LOST (STRUCTURE_EVENTS | IN_Q_OVERFLOW)
#define FILES (LOST | IN_MODIFY | IN_CLOSE_WRITE)

static const struct scenario plain[] = {
    {
        .title = "what came to where the comparison has been is listed while a window in it is open",
        .setup = "mkdir r/a; mkdir r/a/c;",
        .script = "mkdir r/a/c/b; lose;",
        .hooks = "listed r: mv r/a/c r/c; mkdir r/c/n; | listed r/c: touch r/c/n/f;",
        .said = "Q_OVERFLOW \nMOVED_FROM,ISDIR r/a/c\nMOVED_TO,ISDIR r/c from r/a/c\n"
                "CREATE,ISDIR r/c/n\nCREATE,ISDIR r/c/b synthetic\nCREATE r/c/n/f\n",
        .any_order = true,
    },
    {
        .title = "nothing happened meanwhile",
        .setup = "mkdir r/a; touch r/a/f;",
        .script = "lose;",
        .said = "Q_OVERFLOW \n",
        .asked = LOST,
    },
    {
        .title = "a directory was made, with contents",
        .setup = "mkdir r/a;",
        .script = "mkdir r/a/n; mkdir r/a/n/m; touch r/a/n/m/f; lose;",
        .said = "Q_OVERFLOW \nCREATE,ISDIR r/a/n synthetic\nCREATE,ISDIR r/a/n/m synthetic\n"
                "CREATE r/a/n/m/f synthetic\n",
        .asked = LOST,
    },
    {
        .title = "a directory was deleted",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "rm r/a; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\n",
        .asked = LOST,
    },
    {
        .title = "a directory was deleted and made again",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "rm r/a; mkdir r/a; touch r/a/g; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\nCREATE,ISDIR r/a synthetic\n"
                "CREATE r/a/g synthetic\n",
        .asked = LOST,
    },
    {
        .title = "a directory was renamed",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "mv r/a r/z; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\nCREATE,ISDIR r/z synthetic\n"
                "CREATE,ISDIR r/z/b synthetic\nCREATE r/z/b/f synthetic\n",
        .asked = LOST,
        .any_order = true,
    },
    {
        .title = "a directory was moved into another",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f; mkdir r/c;",
        .script = "mv r/a r/c/a; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\nCREATE,ISDIR r/c/a synthetic\n"
                "CREATE,ISDIR r/c/a/b synthetic\nCREATE r/c/a/b/f synthetic\n",
        .asked = LOST,
        .any_order = true,
    },
    {
        .title = "a directory was moved out",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "mv r/a out/a; lose; run; touch out/a/x; touch out/a/b/y;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\n",
        .asked = LOST,
    },
    {
        .title = "a directory came, and its end was lost: one DELETE",
        .script = "mkdir r/d; read; rm r/d; lose;",
        .said = "CREATE,ISDIR r/d\nQ_OVERFLOW \nDELETE,ISDIR r/d synthetic\n",
        .asked = LOST,
    },
    {
        .title = "a directory became a file",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "rm r/a; touch r/a; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/a synthetic\n",
        .asked = LOST,
    },
    {
        .title = "what comes after it is told once",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n; lose; mkdir r/n/m; touch r/a/f; mkdir r/a/k; run; touch r/n/m/g;",
        .said = "Q_OVERFLOW \nCREATE,ISDIR r/n synthetic\nCREATE,ISDIR r/n/m synthetic\n"
                "CREATE r/a/f\nCREATE,ISDIR r/a/k\nCREATE r/n/m/g\n",
        .asked = LOST,
        .any_order = true,
    },
};

/* How it is told is open; the end is not. */
static const struct scenario ends_true[] = {
    {
        .title = "two directories were exchanged",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a; mkdir r/b/in-b;",
        .script = "swap r/a r/b; lose;",
    },
    {
        .title = "a parent and a child changed places",
        .setup = "mkdir r/a; mkdir r/a/b; mkdir r/a/b/c;",
        .script = "mv r/a/b r/b; mv r/a r/b/a; lose;",
    },
    {
        .title = "names went round in a ring",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/c; mkdir r/a/1; mkdir r/b/2; mkdir r/c/3;",
        .script = "mv r/a r/t; mv r/b r/a; mv r/c r/b; mv r/t r/c; lose;",
    },
    {
        .title = "while a new directory was being told of",
        .setup = "mkdir r/a;",
        .script = "mkdir r/n; mkdir r/n/m; touch r/n/m/f; read; mkdir r/n/k; rm r/n/m; lose;"
                  "mkdir r/n/l;",
    },
    {
        .title = "while a directory is listed",
        .script = "mkdir r/n; mkdir r/n/m; touch r/n/m/f;",
        .hooks = "armed r/n: mkdir r/n/k; rm r/n/m; lose; mkdir r/n/l;",
    },
    {
        .title = "again while it is made true",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "mkdir r/n; rm r/a/b; lose;",
        .hooks = "armed r/a: mkdir r/n/2; mkdir r/a/c; lose;",
    },
    {
        .title = "a rename of which only the first half was queued",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .script = "mv r/a r/z; read; mv r/z r/y; lose;",
    },
    {
        .title = "a directory moved out, deleted, and its number used again",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "mv r/a out/a; read; rm out/a; mkdir r/x; mkdir r/y; lose; mkdir r/z;",
    },
    {
        .title = "twice in a row",
        .setup = "mkdir r/a; mkdir r/b;",
        .script = "mv r/a r/c; lose; mv r/b r/a; lose; mv r/c r/b; lose;",
    },
    {
        .title = "and renames after it",
        .setup = "mkdir r/a; mkdir r/b; mkdir r/a/in-a;",
        .script = "mkdir r/n; lose; mv r/n r/m; mv r/a r/n; mv r/m r/a;",
    },
    {
        .title = "a file made and lost, deleted afterwards",
        .script = "touch r/f; lose; rm r/f;",
    },
    {
        .title = "the hidden node of a deleted directory: its last records were lost",
        .setup = "mkdir r/a; mkdir r/b;",
        .script = "mv r/a out/a; read; rm out/a; rm r/b; lose; mkdir r/b; mkdir r/a;",
    },
    {
        .title = "exchanged with a directory that was made meanwhile",
        .setup = "mkdir r/a; mkdir r/a/x;",
        .script = "mkdir r/b; mkdir r/b/y; touch r/b/f; lose; swap r/a r/b;",
    },
    {
        .title = "the same where both were known, and had changed places meanwhile",
        .setup = "mkdir r/a; mkdir r/a/x; mkdir r/b; mkdir r/b/y;",
        .script = "swap r/a r/b; lose; swap r/a r/b; touch r/a/f;",
    },
    {
        .title = "there and back where both had changed places meanwhile",
        .setup = "mkdir r/a; mkdir r/a/x; mkdir r/b; mkdir r/b/y; mkdir r/c;",
        .script = "swap r/a r/b; rm r/a; lose; mv r/b r/a; mv r/a r/b; touch r/b/f;",
    },
    {
        .title = "the next directory of the name is renamed",
        .setup = "mkdir r/c; mkdir r/c/c; touch r/c/f;",
        .script = "rm r/c; mkdir r/c; mkdir r/c/k; lose; mv r/c r/d; mkdir r/d/c;",
    },
    {
        .title = "moved out while it is compared, and lost",
        .setup = "mkdir r/a; mkdir r/a/b; mkdir r/c;",
        .script = "mkdir r/n; lose;",
        .hooks = "listed r: mv r/a out/a; lose;",
    },
    {
        .title = "it moves to where the comparison has been",
        .setup = "mkdir r/a; mkdir r/a/c;",
        .script = "mkdir r/a/c/b; touch r/a/c/f; lose;",
        .hooks = "listed r: mv r/a/c r/c;",
    },
    {
        .title = "a file comes over the directory in which it is not any more",
        .setup = "mkdir r/a; touch r/a/b; mkdir r/a/c; touch r/c;",
        .script = "swap r/a r/c; lose; mv r/c/b r/a; touch r/c/g;",
    },
    {
        .title = "a directory goes below what was exchanged with its parent",
        .setup = "mkdir r/a; mkdir r/a/b; mkdir r/c; mkdir r/c/d;",
        .script = "swap r/a r/c/d; lose; swap r/c r/a; mkdir r/c/e; mkdir r/a/e;",
    },
    {
        .title = "shown by one comparison, gone at the next, and another kind there",
        .setup = "mkdir r/b;",
        .script = "touch r/c; lose;",
        .hooks = "listed r: rm r/c; mkdir r/c; lose;",
    },
    {
        .title = "a window that says it was told, and a loss since",
        .script = "mkdir r/n; touch r/n/f; mkdir r/n/d;",
        .hooks = "listed r/n: rm r/n/f; rm r/n/d; mkdir r/n/f; read; rm r/n/f; touch r/n/d; lose; "
                 "mv r/n/d r/n/g;",
    },
};

static const struct scenario snapshot[] = {
    {
        .title = "--snapshot: nothing happened",
        .setup = "touch r/f; mkdir r/a; touch r/a/g;",
        .script = "lose;",
        .said = "Q_OVERFLOW \n",
        .asked = FILES,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file was made",
        .setup = "touch r/f;",
        .script = "touch r/g; lose;",
        .said = "Q_OVERFLOW \nCREATE r/g synthetic\nCLOSE_WRITE r/g synthetic\n",
        .asked = FILES,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file was deleted",
        .setup = "touch r/f; touch r/g;",
        .script = "rm r/f; lose;",
        .said = "Q_OVERFLOW \nDELETE r/f synthetic\n",
        .asked = FILES,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file has other content",
        .setup = "touch r/f; touch r/g;",
        .script = "write r/f; lose;",
        .said = "Q_OVERFLOW \nMODIFY r/f synthetic\nCLOSE_WRITE r/f synthetic\n",
        .asked = FILES,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file that was told of by a record has other content",
        .script = "touch r/f; run; write r/f; lose;",
        .said = "CREATE r/f\nCLOSE_WRITE r/f\nQ_OVERFLOW \nMODIFY r/f synthetic\n"
                "CLOSE_WRITE r/f synthetic\n",
        .asked = FILES,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file was renamed",
        .setup = "touch r/f; mkdir r/a;",
        .script = "mv r/f r/a/g; lose;",
        .said = "Q_OVERFLOW \nDELETE r/f synthetic\nCREATE r/a/g synthetic\n",
        .asked = LOST,
        .any_order = true,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file was replaced by another",
        .setup = "touch r/f; touch out/g;",
        .script = "mv out/g r/f; lose;",
        .said = "Q_OVERFLOW \nDELETE r/f synthetic\nCREATE r/f synthetic\n",
        .asked = LOST,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a file became a directory",
        .setup = "touch r/f;",
        .script = "rm r/f; mkdir r/f; touch r/f/g; lose;",
        .said = "Q_OVERFLOW \nDELETE r/f synthetic\nCREATE,ISDIR r/f synthetic\n"
                "CREATE r/f/g synthetic\n",
        .asked = LOST,
        .snapshot = true,
    },
    {
        .title = "--snapshot: a directory became a file",
        .setup = "mkdir r/f; touch r/f/g;",
        .script = "rm r/f; touch r/f; lose;",
        .said = "Q_OVERFLOW \nDELETE,ISDIR r/f synthetic\nCREATE r/f synthetic\n",
        .asked = LOST,
        .snapshot = true,
    },
    {
        .title = "--snapshot: files in a directory that was renamed before",
        .setup = "mkdir r/a; touch r/a/f; touch r/a/g;",
        .script = "mv r/a r/z; run; rm r/z/f; touch r/z/h; lose;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/z from r/a\nQ_OVERFLOW \n"
                "DELETE r/z/f synthetic\nCREATE r/z/h synthetic\n",
        .asked = LOST,
        .any_order = true,
        .snapshot = true,
    },
    {
        .title = "--snapshot: deleted after the overflow, before the listing",
        .setup = "touch r/f; touch r/g;",
        .script = "rm r/g; lose; rm r/f; touch r/h;",
        .said = "Q_OVERFLOW \nDELETE r/g synthetic\nDELETE r/f\nCREATE r/h\n",
        .asked = LOST,
        .any_order = true,
        .snapshot = true,
    },
    {
        .title = "--snapshot: deleted and lost, made again afterwards",
        .setup = "touch r/f;",
        .script = "rm r/f; lose; touch r/f;",
        .said = "Q_OVERFLOW \nDELETE r/f synthetic\nCREATE r/f\n",
        .asked = LOST,
        .snapshot = true,
    },
    {
        .title = "--snapshot and --initial",
        .setup = "touch r/f; mkdir r/a; touch r/a/g;",
        .script = "run; rm r/a/g; touch r/a/h; lose;",
        .said = "CREATE r/f synthetic\nCREATE,ISDIR r/a synthetic\nCREATE r/a/g synthetic\n"
                "Q_OVERFLOW \nDELETE r/a/g synthetic\nCREATE r/a/h synthetic\n",
        .asked = LOST,
        .any_order = true,
        .snapshot = true,
        .initial = true,
    },
};

int main(void)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        ok(world_play(&plain[i]), "%s", plain[i].title);
    for (size_t i = 0; i < sizeof(ends_true) / sizeof(ends_true[0]); i++) {
        ok(world_play_true(&ends_true[i], false), "%s", ends_true[i].title);
        ok(world_play_true(&ends_true[i], true), "--snapshot: %s", ends_true[i].title);
    }
    for (size_t i = 0; i < sizeof(snapshot) / sizeof(snapshot[0]); i++)
        ok(world_play(&snapshot[i]), "%s", snapshot[i].title);
    return done_testing();
}
