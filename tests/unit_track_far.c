/*
 * unit_track_far.c - how far -r descends: --max-depth, @PATH, --ignore.
 */
#include "config.h"

#include "tap.h"
#include "track_world.h"

#include <string.h>

/* How far: the predicates say what the configuration leaves. */
static enum sight two_levels(const char *path)
{
    size_t slashes = 0;

    for (; *path != '\0'; path++)
        slashes += *path == '/';
    return slashes > 3 ? SIGHT_NONE : slashes == 3 ? SIGHT_REPORTED : SIGHT_WATCHED;
}

static enum sight root_only(const char *path)
{
    return strchr(path + 2, '/') != NULL ? SIGHT_NONE : SIGHT_REPORTED;
}

static enum sight not_x(const char *path)
{
    if (strcmp(path, "r/x") == 0)
        return SIGHT_REPORTED;
    return strncmp(path, "r/x/", 4) == 0 ? SIGHT_NONE : SIGHT_WATCHED;
}

static bool ignored(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, ".git") == 0;
}

static enum sight not_git(const char *path)
{
    return strstr(path, "/.git") != NULL ? SIGHT_NONE : SIGHT_WATCHED;
}

static void max_depth(void)
{
    struct world *w = world_new("mkdir r/1; mkdir r/1/2; mkdir r/1/2/3; mkdir r/1/2/3/4;");

    world_config(w)->max_depth = 2;
    world_sight(w, two_levels);
    world_start(w, "r");
    ok(world_quiet(w) && world_true(w), "--max-depth 2: so much is watched");
    world_do(w, "touch r/1/2/f; touch r/1/2/3/f; mkdir r/a; mkdir r/a/b; mkdir r/a/b/c;"
                "touch r/a/b/c/f;");
    ok(world_quiet(w) &&
           world_said(w,
                      "CREATE r/1/2/f\nCREATE,ISDIR r/a\nCREATE,ISDIR r/a/b synthetic\n"
                      "CREATE,ISDIR r/a/b/c synthetic\n",
                      true),
       "and told");
    ok(world_true(w), "of what is new as well");
    world_do(w, "mv r/1/2/3 r/a/3; touch r/a/3/f2;");
    ok(world_quiet(w) &&
           world_said(w,
                      "MOVED_FROM,ISDIR r/1/2/3\nMOVED_TO,ISDIR r/a/3 from r/1/2/3\n"
                      "CREATE,ISDIR r/a/3/4 synthetic\nCREATE r/a/3/f synthetic\n"
                      "CREATE r/a/3/f2 synthetic\n",
                      true),
       "moved up: now it is near enough");
    world_no_replay(w); /* what was too deep was in the first listing all the same */
    ok(world_true(w), "and watched");
    world_do(w, "mv r/a r/1/2/a; touch r/1/2/a/g; touch r/1/2/a/b/g;");
    ok(world_quiet(w) &&
           world_said(w, "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/1/2/a from r/a\n", false),
       "moved down: now it is too far");
    ok(world_true(w), "and not watched");
    world_free(w);

    w = world_new("mkdir r/1; mkdir r/1/2;");
    world_config(w)->max_depth = 0;
    world_sight(w, root_only);
    world_start(w, "r");
    world_do(w, "touch r/f; touch r/1/f; mkdir r/a; touch r/a/f;");
    ok(world_quiet(w) && world_said(w, "CREATE r/f\nCREATE,ISDIR r/a\n", false) && world_true(w),
       "--max-depth 0: the directory alone");
    world_free(w);

    /* Moved from where it is watched down to where it is not quite: its own level is. */
    w = world_new("mkdir r/1; mkdir r/a; mkdir r/a/b; mkdir r/a/b/c;");
    world_config(w)->max_depth = 2;
    world_sight(w, two_levels);
    world_start(w, "r");
    world_do(w, "mv r/a r/1/a;");
    ok(world_quiet(w) && world_true(w), "what is below it may have come to be too deep");
    world_free(w);

    w = world_new("mkdir r/1; mkdir r/1/2; mkdir r/1/2/3;");
    world_config(w)->max_depth = 2;
    world_sight(w, two_levels);
    world_start(w, "r");
    world_do(w, "mv r/1/2 r/2; touch r/2/3/f;");
    world_quiet(w);
    world_no_replay(w);
    ok(world_true(w), "or to be near enough");
    world_free(w);
}

static void excluded(void)
{
    static const char *const paths[] = { "r/x" };
    struct world *w = world_new("mkdir r/x; mkdir r/x/y; mkdir r/a;");

    world_config(w)->excluded = paths;
    world_config(w)->nexcluded = 1;
    world_sight(w, not_x);
    world_start(w, "r");
    world_do(w, "touch r/x/f; touch r/x/y/f; touch r/a/f;");
    ok(world_quiet(w) && world_said(w, "CREATE r/a/f\n", false) && world_true(w),
       "@PATH is not descended into");
    world_do(w, "rm r/x; mkdir r/x; touch r/x/f; mkdir r/x/z;");
    ok(world_quiet(w) && world_said(w, "DELETE,ISDIR r/x\nCREATE,ISDIR r/x\n", false),
       "nor when it is made again");
    ok(world_true(w), "and has no watch");
    world_do(w, "mv r/a r/b; mv r/x r/a; touch r/a/g; touch r/b/g;");
    world_quiet(w);
    ok(world_said(w,
                  "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/b from r/a\nMOVED_FROM,ISDIR r/x\n"
                  "MOVED_TO,ISDIR r/a from r/x\nCREATE r/b/g\n"
                  "CREATE r/a/f synthetic\nCREATE,ISDIR r/a/z synthetic\nCREATE r/a/g synthetic\n",
                  true),
       "a later one of that path that is renamed is watched from then on");
    world_free(w);
}

static void ignoring(void)
{
    struct world *w = world_new("mkdir r/.git; mkdir r/.git/y; mkdir r/a; mkdir r/a/b;");

    world_config(w)->ignored = ignored;
    world_sight(w, not_git);
    world_start(w, "r");
    world_do(w, "touch r/.git/f; touch r/a/f; mkdir r/a/.git; touch r/a/.git/f; mkdir r/c;"
                "mkdir r/c/.git; touch r/c/.git/f;");
    ok(world_quiet(w) && world_said(w, "CREATE r/a/f\nCREATE,ISDIR r/c\n", false) && world_true(w),
       "--ignore: neither told nor descended into");
    world_do(w, "rm r/.git; mv r/a/b r/.git; touch r/.git/f;");
    ok(world_quiet(w) && world_said(w, "MOVED_FROM,ISDIR r/a/b\n", false) && world_true(w),
       "renamed to such a name: gone");
    world_do(w, "mkdir r/.git/y; mv r/.git r/d; touch r/d/g;");
    ok(world_quiet(w) &&
           world_said(w,
                      "MOVED_TO,ISDIR r/d\nCREATE r/d/f synthetic\nCREATE,ISDIR r/d/y synthetic\n"
                      "CREATE r/d/g synthetic\n",
                      true) &&
           world_true(w),
       "renamed from such a name: come from outside");
    world_do(w, "mkdir r/.git; swap r/.git r/d; touch r/d/h; touch r/.git/i;");
    ok(world_quiet(w) && world_true(w), "exchanged with such a name");
    world_free(w);
}

int main(void)
{
    max_depth();
    excluded();
    ignoring();
    return done_testing();
}
