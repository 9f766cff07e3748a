/*
 * unit_track_later.c - what pywatch's own listing causes, what ends, who may not read, mounts, and
 * roots.
 */
#include "config.h"

#include "tap.h"
#include "track_play.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALL IN_ALL_EVENTS
#define READING (IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE)

static const struct scenario noise[] = {
    {
        .title = "all events asked for: a new tree is listed, and no listing is told of",
        .script = "mkdir r/a; mkdir r/a/b; mkdir r/a/b/c; touch r/a/b/c/f;",
        .said = "CREATE,ISDIR r/a\nCREATE,ISDIR r/a/b synthetic\n"
                "CREATE,ISDIR r/a/b/c synthetic\nCREATE r/a/b/c/f synthetic\n"
                "CLOSE_WRITE r/a/b/c/f synthetic\n",
        .asked = ALL,
    },
    {
        .title = "nor is the listing of set-up",
        .setup = "mkdir r/a; mkdir r/a/b; touch r/a/f;",
        .said = "",
        .asked = ALL,
    },
    {
        .title = "nor that of what is moved in",
        .setup = "mkdir out/d; mkdir out/d/e; touch out/d/e/f;",
        .script = "mv out/d r/d;",
        .said = "MOVED_TO,ISDIR r/d\nCREATE,ISDIR r/d/e synthetic\nCREATE r/d/e/f synthetic\n"
                "CLOSE_WRITE r/d/e/f synthetic\n",
        .asked = STRUCTURE_EVENTS | READING | IN_CLOSE_WRITE,
    },
    {
        .title = "nor where many are listed at a time",
        .script = "mkdir r/a; mkdir r/b; mkdir r/c; mkdir r/a/1; mkdir r/a/2; mkdir r/b/1;"
                  "mkdir r/b/2; run; mkdir r/a/1/x; mkdir r/b/1/x; mkdir r/b/1/x/y;",
        .said = "CREATE,ISDIR r/a\nCREATE,ISDIR r/b\nCREATE,ISDIR r/c\n"
                "CREATE,ISDIR r/a/1 synthetic\nCREATE,ISDIR r/a/2 synthetic\n"
                "CREATE,ISDIR r/b/1 synthetic\nCREATE,ISDIR r/b/2 synthetic\n"
                "CREATE,ISDIR r/a/1/x\nCREATE,ISDIR r/b/1/x\nCREATE,ISDIR r/b/1/x/y synthetic\n",
        .asked = STRUCTURE_EVENTS | READING,
        .any_order = true,
    },
    {
        .title = "nor of one that is renamed while it is listed",
        .script = "mkdir r/a; mkdir r/a/b; touch r/a/b/f;",
        .hooks = "listed r/a/b: mv r/a/b r/a/c;",
        .said = "CREATE,ISDIR r/a\nCREATE,ISDIR r/a/b synthetic\nMOVED_FROM,ISDIR r/a/b\n"
                "MOVED_TO,ISDIR r/a/c from r/a/b\nCREATE r/a/c/f synthetic\n",
        .asked = STRUCTURE_EVENTS | READING,
    },
    {
        .title = "somebody else's listing is told of",
        .setup = "mkdir r/a; touch r/a/f;",
        .script = "ls r/a;",
        /* Each by the directory and by its parent; read twice, the second time to no avail. */
        .said = "OPEN,ISDIR r/a\nOPEN,ISDIR r/a\nACCESS,ISDIR r/a\nACCESS,ISDIR r/a\n"
                "ACCESS,ISDIR r/a\nACCESS,ISDIR r/a\n"
                "CLOSE_NOWRITE,ISDIR r/a\nCLOSE_NOWRITE,ISDIR r/a\n",
        .asked = READING,
        .any_order = true,
    },
    {
        .title = "also right after ours",
        .script = "mkdir r/a; touch r/a/f; run; ls r/a; peek r/a/f;",
        /* Each by the directory and by its parent; read twice, the second time to no avail. */
        .said = "OPEN,ISDIR r/a\nOPEN,ISDIR r/a\nACCESS,ISDIR r/a\nACCESS,ISDIR r/a\n"
                "ACCESS,ISDIR r/a\nACCESS,ISDIR r/a\n"
                "CLOSE_NOWRITE,ISDIR r/a\nCLOSE_NOWRITE,ISDIR r/a\n"
                "OPEN r/a/f\nCLOSE_NOWRITE r/a/f\n",
        .asked = READING,
        .any_order = true,
    },
    {
        .title = "and of a file that we look at to see whether it is finished",
        .script = "mkdir r/a; touch r/a/f;",
        .hooks = "listed r/a: peek r/a/f;",
        .said = "OPEN r/a/f\nCLOSE_NOWRITE r/a/f\nCLOSE_WRITE r/a/f synthetic\n",
        .asked = READING | IN_CLOSE_WRITE,
        .any_order = true,
    },
};

static const struct scenario ends[] = {
    {
        .title = "the end of a directory, told by itself and by its parent",
        .setup = "mkdir r/a; mkdir r/a/b; mkdir r/a/b/c;",
        .script = "rm r/a;",
        .said = "DELETE_SELF r/a/b/c\nDELETE,ISDIR r/a/b/c\nDELETE_SELF r/a/b\n"
                "DELETE,ISDIR r/a/b\nDELETE_SELF r/a\nDELETE,ISDIR r/a\n",
        .asked = STRUCTURE_EVENTS | IN_DELETE_SELF,
        .any_order = true,
    },
    {
        .title = "a directory that is renamed tells it itself, too, under the new path",
        .setup = "mkdir r/a; mkdir r/a/b;",
        .script = "mv r/a r/z;",
        .said = "MOVED_FROM,ISDIR r/a\nMOVED_TO,ISDIR r/z from r/a\nMOVE_SELF r/z\n",
        .asked = STRUCTURE_EVENTS | IN_MOVE_SELF,
    },
    {
        .title = "ATTRIB of a directory, of itself and by its parent",
        .setup = "mkdir r/a;",
        .script = "chmod 700 r/a;",
        .said = "ATTRIB,ISDIR r/a\nATTRIB,ISDIR r/a\n",
        .asked = IN_ATTRIB,
    },
    {
        .title = "hard links, each under its own name",
        .setup = "touch r/f; mkdir r/a;",
        .script = "link r/f r/g; link r/f r/a/h; rm r/f; write r/g;",
        .said = "CREATE r/g\nCREATE r/a/h\nDELETE r/f\nCLOSE_WRITE r/g\n",
        .asked = STRUCTURE_EVENTS | IN_CLOSE_WRITE,
    },
};

/* Not as root: it may read everything. */
static int as_nobody(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/b; touch r/a/f; mkdir r/c; chmod 0 r/a;");
    bool good;

    world_no_replay(w); /* what nobody could see was there at first */
    world_start(w, "r");
    good = world_quiet(w);
    good = world_noted(w, "UNWATCHED r/a EACCES\n") && good;
    world_do(w, "mkdir r/c/d; chmod 311 r/a; run; touch r/a/g; run; mkdir r/e; chmod 0 r/e;");
    good = world_quiet(w) && good;
    good = world_said(w, "CREATE,ISDIR r/c/d\nCREATE,ISDIR r/e\n", false) && good;
    good = world_noted(w, "UNWATCHED r/e EACCES\n") && good;
    world_do(w, "chmod 755 r/a; run; touch r/a/h; chmod 755 r/e; touch r/e/f; run;");
    good = world_quiet(w) && good;
    good = world_said(w,
                      "CREATE r/a/f synthetic\nCREATE r/a/g synthetic\n"
                      "CREATE,ISDIR r/a/b synthetic\nCREATE r/a/h\nCREATE r/e/f synthetic\n",
                      true) &&
           good;
    good = world_noted(w, "") && good;
    good = world_true(w) && good;
    world_free(w);
    return good ? 0 : 1;
}

static void unreadable(void)
{
    const char *title = "an unreadable directory: one warning, taken up when its mode allows it";
    int status = 0;
    pid_t pid;

    fflush(stdout);
    if ((pid = fork()) == 0) {
        int bad = getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0) ? 2 : as_nobody();

        fflush(stdout);
        _exit(bad);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        ok(false, "%s: no child", title);
        return;
    }
    ok(status == 0, "%s", title);
}

/* In a mount namespace of our own, so that nobody else sees it, and nothing is left. */
static bool own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static enum sight not_m(const char *path)
{
    if (strcmp(path, "r/m") == 0)
        return SIGHT_REPORTED;
    return strncmp(path, "r/m/", 4) == 0 ? SIGHT_NONE : SIGHT_WATCHED;
}

static void bind_mount(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/b; mkdir r/z;");
    const struct tree *t;

    if (mount("r/a", "r/z", NULL, MS_BIND, NULL) < 0) {
        skip("a directory that can be reached by two paths", strerror(errno));
        world_free(w);
        return;
    }
    world_start(w, "r");
    t = track_tree(world_track(w));
    is_num((long long)tree_armed(t), 3, "a bind mount: each directory has one watch");
    world_do(w, "touch r/a/f; touch r/z/g; mkdir r/a/b/c; touch r/a/b/c/h;");
    ok(world_quiet(w) && world_lines(w) == 4, "and each event comes once");
    world_do(w, "run;");
    umount("r/z");
    world_do(w, "touch r/a/i; touch r/z/j; mkdir r/z/k;");
    ok(world_quiet(w), "unmounted again");
    world_free(w);
}

static void other_file_system(bool one_fs)
{
    struct world *w = world_new("mkdir r/m; mkdir r/a;");

    if (mount("none", "r/m", "tmpfs", 0, NULL) < 0) {
        skip("another file system within", strerror(errno));
        world_free(w);
        return;
    }
    world_do(w, "mkdir r/m/x; mkdir r/m/x/y;");
    world_config(w)->one_fs = one_fs;
    world_config(w)->asked = STRUCTURE_EVENTS | IN_UNMOUNT;
    if (one_fs)
        world_sight(w, not_m);
    world_start(w, "r");
    world_do(w, "touch r/m/x/f; mkdir r/m/n; touch r/a/f; run; touch r/m/n/f;");
    world_quiet(w);
    ok(world_said(w,
                  one_fs ? "CREATE r/a/f\n"
                         : "CREATE r/m/x/f\nCREATE,ISDIR r/m/n\nCREATE r/a/f\nCREATE r/m/n/f\n",
                  false) &&
           world_true(w),
       "another file system within, %s -x", one_fs ? "with" : "without");
    umount("r/m");
    world_do(w, "touch r/m/covered;");
    world_quiet(w);
    if (!one_fs) {
        /* What had been covered is there now. How its contents are told is open. */
        world_forget(w);
        world_no_replay(w);
        ok(world_true(w), "unmounted: what it covered is watched");
        world_do(w, "touch r/m/now;");
        ok(world_quiet(w) && world_said(w, "CREATE r/m/now\n", false), "and told of");
    }
    world_free(w);
}

static void two_roots(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/b; mkdir r/c;");

    is_num(world_start(w, "r r/a r/ ./r"), 0, "the same directories named more than once");
    world_do(w, "touch r/a/f; touch r/a/b/g;");
    ok(world_quiet(w) && world_said(w, "CREATE r/a/f\nCREATE r/a/b/g\n", false) && world_true(w),
       "each event comes once, under the first name given");
    world_free(w);

    w = world_new("mkdir r/a; mkdir r/a/b; mkdir r/c;");
    is_num(world_start(w, "r/a r"), 0, "the inner one first");
    world_do(w, "touch r/a/f; touch r/a/b/g; touch r/c/h; mkdir r/a/b/n; run; touch r/a/b/n/i;");
    ok(world_quiet(w) &&
           world_said(w,
                      "CREATE r/a/f\nCREATE r/a/b/g\nCREATE r/c/h\nCREATE,ISDIR r/a/b/n\n"
                      "CREATE r/a/b/n/i\n",
                      false),
       "each event comes once");
    world_do(w, "mv r/a r/d; touch r/d/x; touch r/d/b/y;");
    world_quiet(w);
    ok(world_lines(w) == 4, "the inner one renamed: each event comes once");
    world_forget(w);
    world_do(w, "touch r/d/b/z;");
    ok(world_quiet(w) && world_said(w, "CREATE r/d/b/z\n", false), "under the path it has now");
    world_free(w);
}

static void root_ends(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/b;");

    world_start(w, "r");
    world_do(w, "rm r;");
    ok(world_quiet(w) &&
           world_said(w, "DELETE,ISDIR r/a/b\nDELETE,ISDIR r/a\n", false) &&
           world_noted(w, "ROOT_LOST r\n"),
       "a root that is deleted is said to be lost");
    ok(track_hopeless(world_track(w)), "and nothing is left to watch");
    world_free(w);

    w = world_new("mkdir r/a;");
    world_start(w, "r");
    world_do(w, "mv r q; touch q/a/f;");
    ok(world_quiet(w) && world_said(w, "CREATE q/a/f\n", false) &&
           world_noted(w, "ROOT_MOVED q\n"),
       "a root that is renamed has its new path");
    world_do(w, "mv q out/q; run; touch out/q/a/g; run;");
    ok(world_noted(w, "ROOT_MOVED q ENOENT\n"), "one that is moved away is said to be");
    world_free(w);
}

/*
 * Set-up adds what listing would have caused when all is listed: not everything can be reached
 * then.
 */
static void moved_at_set_up(void)
{
    struct world *w = world_new("mkdir r/a; mkdir r/a/x;");

    world_config(w)->asked = STRUCTURE_EVENTS | READING;
    world_hooks(w, "listed r/a/x: mv r/a r/b;");
    world_start(w, "r");
    world_quiet(w);
    world_forget(w);
    world_do(w, "peek r/b/x;");
    ok(world_quiet(w) && world_true(w) && world_hooks_met(w) &&
           world_said(w,
                      "CLOSE_NOWRITE,ISDIR r/b/x\nCLOSE_NOWRITE,ISDIR r/b/x\n"
                      "OPEN,ISDIR r/b/x\nOPEN,ISDIR r/b/x\n",
                      true),
       "a directory that moves while masks are widened is heard in full afterwards");
    world_free(w);

    w = world_new("mkdir r/a;");
    world_config(w)->asked = STRUCTURE_EVENTS | READING;
    world_hooks(w, "listed r/a: mv r q;");
    world_start(w, "r");
    world_quiet(w);
    world_forget(w);
    world_do(w, "peek q/a;");
    ok(world_quiet(w) && world_hooks_met(w) &&
           world_said(w,
                      "CLOSE_NOWRITE,ISDIR q/a\nCLOSE_NOWRITE,ISDIR q/a\n"
                      "OPEN,ISDIR q/a\nOPEN,ISDIR q/a\n",
                      true),
       "and so is a root");
    world_free(w);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
        ok(world_play(&noise[i]), "%s", noise[i].title);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        ok(world_play(&ends[i]), "%s", ends[i].title);
    two_roots();
    root_ends();
    moved_at_set_up();
    unreadable();
    if (own_mounts()) {
        bind_mount();
        other_file_system(false);
        other_file_system(true);
    } else {
        skip("mounts within", strerror(errno));
    }
    return done_testing();
}
