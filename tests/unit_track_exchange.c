/*
 * unit_track_exchange.c - renameat2(2) with RENAME_EXCHANGE, which looks like there and back in the
 * queue, and halves of renames that have other records between them.
 */
#include "config.h"

#include "inotify.h"
#include "tap.h"
#include "track_play.h"

#include <string.h>

static const struct scenario scenarios[] = {
    {
        .title = "in a new directory, and both are gone before it is listed",
        .script = "mkdir r/n; mkdir r/n/d; mkdir r/n/h;",
        .hooks = "armed r/n: swap r/n/d r/n/h; rm r/n/d; rm r/n/h;",
        .said = "CREATE,ISDIR r/n\n"
                "CREATE,ISDIR r/n/d synthetic\nCREATE,ISDIR r/n/h synthetic\n"
                "MOVED_FROM,ISDIR r/n/d\nMOVED_FROM,ISDIR r/n/h\n"
                "MOVED_TO,ISDIR r/n/h from r/n/d\nMOVED_TO,ISDIR r/n/d from r/n/h\n"
                "DELETE,ISDIR r/n/d\nDELETE,ISDIR r/n/h\n",
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
        .title = "exchange of two files, twice, and their directory cannot be reached",
        .setup = "mkdir r/x; mkdir r/y; touch r/x/f; touch r/y/f;",
        .script = "swap r/x/f r/y/f; swap r/x/f r/y/f; mv r/y r/z;",
    },
    {
        .title = "exchange of two files, three times, and neither directory can be reached",
        .setup = "mkdir r/x; mkdir r/y; touch r/x/f; touch r/y/f;",
        .script = "swap r/x/f r/y/f; swap r/x/f r/y/f; swap r/y/f r/x/f; mv r/y r/z; mv r/x r/w;",
    },
    {
        .title = "exchange of two directories, twice, and theirs cannot be reached",
        .script = "mkdir r/x; mkdir r/y; mkdir r/x/f; mkdir r/y/f;",
        .hooks = "armed r/y: swap r/x/f r/y/f; swap r/x/f r/y/f; mv r/y r/z;",
    },
    {
        .title = "--initial: there and back, and armed between the two",
        .setup = "mkdir r/x; mkdir r/x/y;",
        .hooks = "listed r/x: mkdir r/x/d; touch r/x/d/f; | armed r/x/y: mv r/x/d r/x/y/d;"
                 "| armed r/x/y/d: mv r/x/y/d r/x/d;",
        .initial = true,
    },
    {
        .title = "--initial: exchanged twice, and armed between the two",
        .setup = "mkdir r/x; mkdir r/x/y; mkdir r/x/y/d;",
        .hooks = "listed r/x: mkdir r/x/d; touch r/x/d/f; | armed r/x/y: swap r/x/d r/x/y/d;"
                 "| armed r/x/y/d: swap r/x/y/d r/x/d;",
        .initial = true,
    },
    {
        .title = "there and back over an empty directory",
        .setup = "mkdir r/a; mkdir r/b; touch r/a/f;",
        .script = "mv r/a r/b; mv r/b r/a; mkdir r/b;",
    },
};

/* Records as they come where several renames run at a time. */
struct hand {
    _Alignas(struct inotify_event) char bytes[4096];
    size_t len;
};

static void put(struct hand *h, int32_t wd, uint32_t mask, uint32_t cookie, const char *name)
{
    struct inotify_event ev = { .wd = wd, .mask = mask, .cookie = cookie };

    ev.len = *name != '\0' ? (uint32_t)(strlen(name) / 16 + 1) * 16 : 0;
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
    int32_t a, b;

    world_start(w, "r");
    a = world_wd(w, "r/x/a");
    b = world_wd(w, "r/u/b");
    world_do(w, "mv r/x/a r/y/a; mv r/u/b r/v/b; touch r/w/f;");
    drop_queue(w);
    put(&h, world_wd(w, "r/x"), IN_MOVED_FROM | IN_ISDIR, 1001, "a");
    put(&h, world_wd(w, "r/u"), IN_MOVED_FROM | IN_ISDIR, 1002, "b");
    put(&h, world_wd(w, "r/w"), IN_CREATE, 0, "f");
    put(&h, world_wd(w, "r/v"), IN_MOVED_TO | IN_ISDIR, 1002, "b");
    put(&h, world_wd(w, "r/y"), IN_MOVED_TO | IN_ISDIR, 1001, "a");
    put(&h, world_wd(w, "r/x/a"), IN_MOVE_SELF, 0, "");
    put(&h, world_wd(w, "r/u/b"), IN_MOVE_SELF, 0, "");
    put(&h, b, IN_MOVE_SELF, 0, "");
    put(&h, a, IN_MOVE_SELF, 0, "");
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
    int32_t x, other, a, b;

    world_start(w, "r");
    a = world_wd(w, "r/x/a");
    b = world_wd(w, "r/x/b");
    world_do(w, "swap r/x/a r/x/b; touch r/w/1; touch r/w/2; touch r/w/3;");
    drop_queue(w);
    x = world_wd(w, "r/x");
    other = world_wd(w, "r/w");
    put(&h, x, IN_MOVED_FROM | IN_ISDIR, 2001, "a");
    put(&h, other, IN_CREATE, 0, "1");
    put(&h, x, IN_MOVED_TO | IN_ISDIR, 2001, "b");
    put(&h, world_wd(w, "r/x/a"), IN_MOVE_SELF, 0, "");
    put(&h, other, IN_CREATE, 0, "2");
    put(&h, a, IN_MOVE_SELF, 0, "");
    put(&h, x, IN_MOVED_FROM | IN_ISDIR, 2002, "b");
    put(&h, other, IN_CREATE, 0, "3");
    put(&h, x, IN_MOVED_TO | IN_ISDIR, 2002, "a");
    put(&h, b, IN_MOVE_SELF, 0, "");
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

/*
 * An exchange was under way when the watch of r/n was set: what was queued before that lacks. The
 * disk is as it is afterwards; the records that are left come once r/n is armed.
 */
static const struct cut {
    const char *title, *known, *new, *swap;
    const char *records; /* "DIRECTORY BITS COOKIE NAME;": FROM, TO, d where it is a directory; SELF */
    const char *then;    /* and right behind these */
} cuts[] = {
    { "within a directory: the last three are left", "", "mkdir r/n/d; touch r/n/d/1; mkdir r/n/h; touch r/n/h/2;", "swap r/n/d r/n/h",
      "r/n TOd 1 h; r/n FROMd 2 h; r/n TOd 2 d;", NULL },
    { "the last two", "", "mkdir r/n/d; touch r/n/d/1; mkdir r/n/h; touch r/n/h/2;",
      "swap r/n/d r/n/h", "r/n FROMd 2 h; r/n TOd 2 d;", NULL },
    { "the last one", "", "mkdir r/n/d; touch r/n/d/1; mkdir r/n/h; touch r/n/h/2;",
      "swap r/n/d r/n/h", "r/n TOd 2 d;", NULL },
    { "of two files: the last three", "", "touch r/n/d; touch r/n/h;", "swap r/n/d r/n/h",
      "r/n TO 1 h; r/n FROM 2 h; r/n TO 2 d;", NULL },
    { "of two files: the last two", "", "touch r/n/d; touch r/n/h;", "swap r/n/d r/n/h",
      "r/n FROM 2 h; r/n TO 2 d;", NULL },
    { "of a file and a directory: the last two", "", "mkdir r/n/d; touch r/n/d/1; touch r/n/h;",
      "swap r/n/d r/n/h", "r/n FROM 2 h; r/n TO 2 d;", NULL },
    { "of a directory and a file: the last two", "", "touch r/n/d; mkdir r/n/h; touch r/n/h/2;",
      "swap r/n/d r/n/h", "r/n FROMd 2 h; r/n TOd 2 d;", NULL },
    { "with a known directory: what came to the new one lacks", "mkdir r/x/d; touch r/x/d/1;", "mkdir r/n/h; touch r/n/h/2;", "swap r/x/d r/n/h",
      "r/x FROMd 1 d; r/x/d SELF 0 -; r/n FROMd 2 h; r/x TOd 2 d;", NULL },
    { "what went from the new one lacks as well", "mkdir r/x/d; touch r/x/d/1;", "mkdir r/n/h; touch r/n/h/2;", "swap r/x/d r/n/h",
      "r/x FROMd 1 d; r/x/d SELF 0 -; r/x TOd 2 d;", NULL },
    { "the other way round: what went from the new one lacks", "mkdir r/x/d; touch r/x/d/1;", "mkdir r/n/h; touch r/n/h/2;", "swap r/n/h r/x/d",
      "r/x TOd 1 d; r/x FROMd 2 d; r/n TOd 2 h; r/x/d SELF 0 -;", NULL },
    { "of files in a known and a new directory", "touch r/x/d;", "touch r/n/h;", "swap r/x/d r/n/h",
      "r/x FROM 1 d; r/n FROM 2 h; r/x TO 2 d;", NULL },
    { "of files the other way round", "touch r/x/d;", "touch r/n/h;", "swap r/n/h r/x/d",
      "r/x TO 1 d; r/x FROM 2 d; r/n TO 2 h;", NULL },
    { "of two files, and again", "", "touch r/n/d; touch r/n/h;", "swap r/n/d r/n/h",
      "r/n FROM 2 h; r/n TO 2 d;", "swap r/n/d r/n/h;" },
    { "of two files, the last three, and twice again", "", "touch r/n/d; touch r/n/h;",
      "swap r/n/d r/n/h", "r/n TO 1 h; r/n FROM 2 h; r/n TO 2 d;",
      "swap r/n/d r/n/h; swap r/n/h r/n/d;" },
    { "of two directories, and again", "",
      "mkdir r/n/d; touch r/n/d/1; mkdir r/n/h; touch r/n/h/2;", "swap r/n/d r/n/h",
      "r/n FROMd 2 h; r/n TOd 2 d;", "swap r/n/d r/n/h;" },
    { "of a file and a directory, and again", "", "mkdir r/n/d; touch r/n/d/1; touch r/n/h;",
      "swap r/n/d r/n/h", "r/n FROM 2 h; r/n TO 2 d;", "swap r/n/d r/n/h;" },
    { "of a directory and a file, and again", "", "touch r/n/d; mkdir r/n/h; touch r/n/h/2;",
      "swap r/n/d r/n/h", "r/n FROMd 2 h; r/n TOd 2 d;", "swap r/n/d r/n/h;" },
    { "of two files, again, and the directory is renamed", "", "touch r/n/d; touch r/n/h;",
      "swap r/n/d r/n/h", "r/n FROM 2 h; r/n TO 2 d;", "swap r/n/d r/n/h; mv r/n r/m;" },
    { "with a known directory the other way round, and again", "touch r/x/d;", "touch r/n/h;",
      "swap r/n/h r/x/d", "r/x TO 1 d; r/x FROM 2 d; r/n TO 2 h;", "swap r/n/h r/x/d;" },
};

struct cutting {
    const char *records, *then;
    int32_t moved; /* the watch that r/x/d had before */
    bool done;
};

static void at_any_point(struct world *w, void *arg)
{
    struct cutting *c = arg;
    char dir[32], bits[16], name[16];
    struct hand h = { .len = 0 };
    uint32_t mask, cookie;
    int used;

    if (c->done || world_wd(w, "r/n") < 0)
        return;
    c->done = true;
    for (const char *p = c->records;
         sscanf(p, " %31s %15s %u %15[^;];%n", dir, bits, &cookie, name, &used) == 4; p += used) {
        mask = *bits == 'F' ? IN_MOVED_FROM : *bits == 'T' ? IN_MOVED_TO : IN_MOVE_SELF;
        mask |= bits[strlen(bits) - 1] == 'd' ? IN_ISDIR : 0;
        put(&h, mask == IN_MOVE_SELF ? c->moved : world_wd(w, dir), mask, cookie + 4000,
            mask == IN_MOVE_SELF ? "" : name);
    }
    backlog_push(world_backlog(w), h.bytes, h.len);
    if (c->then != NULL)
        world_do(w, c->then);
}

static bool cut_short(const struct cut *s)
{
    struct world *w = world_new("mkdir r/x;");
    struct hand h = { .len = 0 };
    struct cutting c = { .records = s->records, .then = s->then };
    bool good;

    /* What is in r/x is there from the start, what is in r/n is new. */
    world_do(w, s->known);
    world_start(w, "r");
    c.moved = world_wd(w, "r/x/d");
    world_do(w, "mkdir r/n;");
    world_do(w, s->new);
    world_do(w, s->swap);
    drop_queue(w);
    put(&h, world_wd(w, "r"), IN_CREATE | IN_ISDIR, 0, "n");
    backlog_push(world_backlog(w), h.bytes, h.len);
    world_everywhere(w, at_any_point, &c);
    good = world_quiet(w) && c.done;
    good = world_true(w) && good;
    if (!good)
        (void)world_said(w, "", false);
    world_free(w);
    return good;
}

int main(void)
{
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
        ok(cut_short(&cuts[i]), "cut short: %s", cuts[i].title);
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        ok(world_play(&scenarios[i]), "%s", scenarios[i].title);
    for (size_t i = 0; i < sizeof(only_true) / sizeof(only_true[0]); i++)
        ok(world_play_true(&only_true[i], false), "%s", only_true[i].title);
    interleaved();
    split_exchange();
    late_half();
    return done_testing();
}
