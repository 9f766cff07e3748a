/*
 * unit_track_follow.c - --follow: what becomes of a path while it is looked at.
 *
 * Points: "named NAME" between the arming of a directory and the lookup of NAME in it, "found PATH"
 * between the lookup and the arming of what is there, "taken PATH" behind that.
 */
#include "config.h"

#include "tap.h"
#include "track_world.h"

#include <string.h>

#define EVENTS (IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_CLOSE_WRITE | IN_ATTRIB)

struct scenario {
    const char *title;
    const char *setup, *path;
    const char *hooks;  /* while the path is looked at after set-up */
    const char *script; /* before that */
    const char *said;
    uint32_t asked;      /* 0: EVENTS */
    bool initial, first; /* first: the hooks are for set-up */
};

static const struct scenario scenarios[] = {
    {
        .title = "Race 60: it comes between the arming of its directory and the lookup",
        .path = "f",
        .first = true,
        .initial = true,
        .hooks = "named f: touch f;",
        .said = "CREATE f synthetic\n",
    },
    {
        .title = "Race 60: its directory is another one between two lookups",
        .setup = "mkdir a; touch a/f; mkdir b; touch b/f;",
        .path = "a/f",
        .script = "chmod 600 a/f;",
        .hooks = "named f: mv a c; mv b a;",
        .said = "ATTRIB a/f\nDELETE_SELF a/f synthetic\nCREATE a/f synthetic\n"
                "CLOSE_WRITE a/f synthetic\n",
    },
    {
        .title = "Race 60: deleted between the lookup and the watch",
        .path = "f",
        .script = "touch f;",
        .hooks = "found f: rm f;",
        .said = "CREATE f synthetic\nDELETE_SELF f\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 60: replaced between the lookup and the watch",
        .setup = "touch g;",
        .path = "f",
        .script = "touch f;",
        .hooks = "found f: mv g f;",
        .said = "CREATE f synthetic\nDELETE_SELF f\nCREATE f synthetic\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 60: a file is a directory by then",
        .path = "f",
        .script = "touch f;",
        .hooks = "found f: rm f; mkdir f; touch f/x;",
        .said = "CREATE f synthetic\nDELETE_SELF f\nCREATE,ISDIR f synthetic\n"
                "CREATE f/x synthetic\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 60: a directory is a file by then",
        .path = "f",
        .script = "mkdir f; touch f/x;",
        .hooks = "found f: mv f g; touch f;",
        .said = "CREATE,ISDIR f synthetic\nCREATE f/x synthetic\nDELETE_SELF f synthetic\n"
                "CREATE f synthetic\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 61: the records of what was there come first",
        .setup = "touch f; touch g;",
        .path = "f",
        .script = "write f; mv g f; write f; chmod 600 f;",
        .said = "CLOSE_WRITE f\nATTRIB f\nDELETE_SELF f\nCREATE f synthetic\n"
                "CLOSE_WRITE f synthetic\n",
    },
    {
        .title = "Race 61: its own first record brings what is new before the mark has passed",
        .setup = "touch f; touch g;",
        .path = "f",
        .script = "mv g f;",
        .hooks = "taken f: chmod 600 f; write f;",
        .said = "ATTRIB f\nDELETE_SELF f\nCREATE f synthetic\nATTRIB f\nCLOSE_WRITE f\n",
    },
    {
        .title = "Race 62: moved away: it ends all the same",
        .setup = "touch f;",
        .path = "f",
        .script = "mv f g;",
        .said = "MOVE_SELF f\nDELETE_SELF f synthetic\n",
    },
    {
        .title = "Race 62: still open: it ends, once",
        .setup = "hold f;",
        .path = "f",
        .script = "rm f; run; release; touch f;",
        .said = "ATTRIB f\nDELETE_SELF f synthetic\nCREATE f synthetic\nCLOSE_WRITE f synthetic\n",
    },
    {
        .title = "Race 62: only a directory above it was moved",
        .setup = "mkdir a; mkdir a/b; touch a/b/f;",
        .path = "a/b/f",
        .script = "mv a c; run; write c/b/f; mv c a; write a/b/f;",
        .said = "DELETE_SELF a/b/f synthetic\nCREATE a/b/f synthetic\n"
                "CLOSE_WRITE a/b/f synthetic\n",
    },
    {
        .title = "Race 63: moved away and back: it is the same",
        .setup = "touch f;",
        .path = "f",
        .script = "mv f g; chmod 600 g; mv g f; chmod 644 f;",
        .said = "MOVE_SELF f\nATTRIB f\nMOVE_SELF f\nATTRIB f\n",
    },
    {
        .title = "Race 63: deleted and made again, with the same inode number or not",
        .setup = "touch f;",
        .path = "f",
        .script = "rm f; touch f;",
        .said = "ATTRIB f\nDELETE_SELF f\nCREATE f synthetic\nCLOSE_WRITE f synthetic\n",
    },
    {
        .title = "Race 64: came and went between two looks",
        .setup = "touch f;",
        .path = "f",
        .script = "rm f; mkdir f; rm f; touch f; rm f;",
        .said = "DELETE_SELF f\nCREATE,ISDIR f synthetic\nDELETE_SELF f synthetic\n"
                "CREATE f synthetic\nDELETE_SELF f synthetic\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 64: came and went during a look, and nothing is told twice",
        .path = "f",
        .script = "touch f;",
        .hooks = "named f: rm f; touch f;",
        .said = "CREATE f synthetic\nDELETE_SELF f synthetic\nCREATE f synthetic\n",
        .asked = IN_CREATE | IN_DELETE_SELF,
    },
    {
        .title = "Race 66: closed before its watch",
        .path = "f",
        .script = "hold f;",
        .hooks = "found f: release;",
        .said = "CREATE f synthetic\nCLOSE_WRITE f synthetic\n",
    },
    {
        .title = "Race 66: closed behind its watch: its writer's own",
        .path = "f",
        .script = "hold f;",
        .hooks = "taken f: chmod 600 f; release;",
        .said = "CREATE f synthetic\nATTRIB f\nCLOSE_WRITE f\n",
    },
    {
        .title = "Race 66: still open: its writer's own",
        .path = "f",
        .script = "hold f; run; release;",
        .said = "CREATE f synthetic\nCLOSE_WRITE f\n",
    },
    {
        .title = "Race 66: a device or a fifo is never finished",
        .path = "f",
        .script = "fifo f;",
        .said = "CREATE f synthetic\n",
    },
    {
        .title = "--initial: what is there, and what is not",
        .setup = "touch f;",
        .path = "f g",
        .initial = true,
        .first = true,
        .said = "CREATE f synthetic\nDELETE_SELF g synthetic\n",
    },
    {
        .title = "a link is swapped while it is read",
        .setup = "mkdir v1; mkdir v2; touch v1/f; touch v2/f; ln v1 data; ln v2 next;",
        .path = "data/f",
        .script = "chmod 600 v1/f;",
        .hooks = "named f: mv next data;",
        .said = "ATTRIB data/f\nDELETE_SELF data/f synthetic\nCREATE data/f synthetic\n"
                "CLOSE_WRITE data/f synthetic\n",
    },
    {
        .title = "links in a ring, which is broken",
        .setup = "ln b a; ln a b;",
        .path = "a",
        .script = "rm b; touch b;",
        .said = "CREATE a synthetic\nCLOSE_WRITE a synthetic\n",
    },
};

static struct world *begin(const struct scenario *s)
{
    struct world *w = world_new(s->setup);

    world_config(w)->recursive = false;
    world_config(w)->asked = s->asked != 0 ? s->asked : EVENTS;
    world_config(w)->initial = s->initial;
    world_follow(w);
    world_no_replay(w);
    return w;
}

static void play(const struct scenario *s)
{
    struct world *w = begin(s);
    bool good;

    if (s->first && s->hooks != NULL)
        world_hooks(w, s->hooks);
    good = world_start(w, s->path) == 0;
    if (!s->first) {
        good = world_quiet(w) && good;
        world_forget(w);
        if (s->hooks != NULL)
            world_hooks(w, s->hooks);
        world_do(w, s->script);
    }
    good = world_quiet(w) && good;
    good = world_said(w, s->said, false) && good;
    good = world_kernel(w) && world_hooks_met(w) && good;
    ok(good, "%s", s->title);
    world_free(w);
}

/* Race 65: a name that is another thing each time it is looked at. */
static void flip(struct world *w, void *arg)
{
    unsigned *left = arg;

    if (*left > 0 && --*left % 2 == 0)
        world_do(w, *left % 4 == 0 ? "mv f g; touch f;" : "rm f; touch f;");
}

static void flips(void)
{
    const struct scenario s = { .setup = "touch f;", .asked = IN_CREATE | IN_DELETE_SELF };
    struct world *w = begin(&s);
    unsigned left = 4000, turns = 0;

    world_start(w, "f");
    world_everywhere(w, flip, &left);
    world_do(w, "rm f; touch f;");
    while (left > 0 && ++turns < 100000) {
        (void)backlog_fill(world_backlog(w), SIZE_MAX);
        (void)track_run(world_track(w), SIZE_MAX);
    }
    ok(turns > 100 && left == 0,
       "Race 65: each turn ends, though it never comes to rest (%u turns)", turns);
    ok(world_quiet(w) && world_lines(w) > 100 && world_kernel(w) && world_wd(w, "f") >= 0,
       "and it is told of (%zu records), and watched in the end", world_lines(w));
    world_forget(w);
    world_do(w, "rm f;");
    ok(world_quiet(w) && world_said(w, "DELETE_SELF f\n", false), "to its end");
    world_free(w);
}

/* Race 67. */
static void into_a_tree(void)
{
    struct world *w = world_new("mkdir d; mkdir d/s;");

    world_config(w)->asked = EVENTS | STRUCTURE_EVENTS;
    world_follow(w);
    world_no_replay(w);
    world_start(w, "r d");
    world_do(w, "mv d r/d; touch r/d/s/f;");
    ok(world_quiet(w) && world_wd(w, "r/d/s") >= 0 && world_wd(w, "d") < 0 && world_kernel(w),
       "Race 67: a followed tree that is moved into another one is watched there");
    world_forget(w);
    world_do(w, "write r/d/s/f; mv r/d d; write d/s/f;");
    ok(world_quiet(w) && world_wd(w, "d/s") >= 0 && world_wd(w, "r/d/s") < 0 && world_kernel(w),
       "and by its path when it is back");
    world_free(w);
}

static void shared(void)
{
    const struct scenario s = { .setup = "touch f; ln f l;" };
    struct world *w = begin(&s);

    world_start(w, "f l");
    world_do(w, "write f; rm l; run; link f l; run; write l; rm f; run; write l;");
    ok(world_quiet(w) && world_said(w,
                                    "CLOSE_WRITE f\nDELETE_SELF l synthetic\nATTRIB f\n"
                                    "CREATE l synthetic\nCLOSE_WRITE l synthetic\n"
                                    "CLOSE_WRITE f\nATTRIB f\n"
                                    "DELETE_SELF f synthetic\nCLOSE_WRITE l\n",
                                    false),
       "Race 67: two paths lead to one file: it is told of under the first, while that is there");
    ok(world_kernel(w), "and watched once");
    world_free(w);
}

static void lost(void)
{
    const struct scenario s = { .setup = "touch f; touch g;", .asked = EVENTS | IN_Q_OVERFLOW };
    struct world *w = begin(&s);

    world_start(w, "f");
    world_do(w, "rm f; mv g f; lose; write f;");
    ok(world_quiet(w) && world_said(w,
                                    "Q_OVERFLOW \nDELETE_SELF f synthetic\nCREATE f synthetic\n"
                                    "CLOSE_WRITE f synthetic\n",
                                    false),
       "its last records are lost: it is replaced all the same");
    ok(world_kernel(w), "and the watches are those that there are");
    world_free(w);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        play(&scenarios[i]);
    flips();
    into_a_tree();
    shared();
    lost();
    return done_testing();
}
