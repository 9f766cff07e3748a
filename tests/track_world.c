/*
 * track_world.c - see track_world.h.
 */
#include "config.h"

#include "track_world.h"

#include "inotify.h"
#include "track_follow.h"
#include "track_lines.h"
#include "track_model.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct hook {
    int point;
    char *path, *script; /* path NULL: done */
};

struct world {
    struct track_config cfg;
    struct track *track;
    struct backlog *backlog;
    struct model *model;
    struct disk *disk;
    int fd;
    struct buf said, notes;
    size_t lines;
    struct hook hooks[16];
    size_t nhooks;
    void (*everywhere)(struct world *w, void *arg);
    void *everywhere_arg;
    enum sight (*sight)(const char *path);
    bool replay, follow;
};

static void put(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

static void put_name(void *arg, const char *name, size_t len)
{
    struct buf *b = arg;

    if (b->len > 0 && b->data[b->len - 1] != '\n')
        buf_putc(b, ',');
    buf_put(b, name, len);
}

static void on_emit(void *arg, struct event *ev)
{
    struct world *w = arg;
    struct str head = event_path_head(ev);
    struct buf path = { 0 };

    /* Asked for by nobody, and left to the filter: not of interest here. */
    if (!(ev->mask & ((ev->asked != 0 ? ev->asked : w->cfg.asked) | IN_Q_OVERFLOW)))
        goto model;
    w->lines++;
    event_names(ev->mask, EVENT_EXACT, put_name, &w->said);
    buf_putc(&w->said, ' ');
    buf_put(&w->said, head.s, head.len);
    buf_put(&w->said, ev->name.s, ev->name.len);
    if (ev->from.len > 0) {
        put(&w->said, " from ");
        buf_put(&w->said, ev->from.s, ev->from.len);
    }
    put(&w->said, ev->synthetic ? " synthetic\n" : "\n");
model:
    buf_put(&path, head.s, head.len);
    buf_put(&path, ev->name.s, ev->name.len);
    buf_putc(&path, '\0');
    model_event(w->model, ev, path.data);
    buf_free(&path);
}

static void on_note(void *arg, enum track_note what, const char *path, int error)
{
    static const char *const names[] = {
        [NOTE_WATCHED] = NULL,           [NOTE_DROPPED] = NULL,
        [NOTE_UNWATCHED] = "UNWATCHED",  [NOTE_ROOT_MOVED] = "ROOT_MOVED",
        [NOTE_ROOT_LOST] = "ROOT_LOST",  [NOTE_OVERFLOW] = "OVERFLOW",
        [NOTE_RESYNCED] = "RESYNCED",
    };
    struct world *w = arg;
    char *line;

    if ((size_t)what < sizeof(names) / sizeof(names[0]) && names[what] == NULL)
        return;
    if (asprintf(&line, "%s %s%s%s\n",
                 (size_t)what < sizeof(names) / sizeof(names[0]) ? names[what] : "OTHER", path,
                 error != 0 ? " " : "", error != 0 ? strerrorname_np(error) : "") < 0)
        err(1, "out of memory");
    put(&w->notes, line);
    free(line);
}

static void path_of(const struct world *w, nodeid id, struct buf *b)
{
    b->len = 0;
    tree_path(track_tree(w->track), id, false, b);
    buf_putc(b, '\0');
}

static void at_point(struct world *w, int point, const char *path)
{
    if (w->everywhere != NULL)
        w->everywhere(w, w->everywhere_arg);
    for (size_t i = 0; i < w->nhooks; i++) {
        struct hook *h = &w->hooks[i];

        if (h->path == NULL || h->point != point || strcmp(h->path, path) != 0)
            continue;
        free(h->path);
        h->path = NULL;
        world_do(w, h->script);
        break; /* one at a time: a second one for the same point waits for the next visit */
    }
}

static void on_between(void *arg, int point, nodeid id)
{
    struct world *w = arg;
    struct buf path = { 0 };

    path_of(w, id, &path);
    at_point(w, point, path.data);
    buf_free(&path);
}

static void on_name(void *arg, const char *name)
{
    at_point(arg, WORLD_NAMED, name);
}

static enum sight full_sight(const char *path)
{
    (void)path;
    return SIGHT_WATCHED;
}

struct world *world_new(const char *setup)
{
    struct world *w = calloc(1, sizeof(*w));

    if (w == NULL)
        err(1, "out of memory");
    w->fd = -1;
    w->disk = disk_new();
    w->model = model_new();
    w->replay = true;
    w->sight = full_sight;
    w->cfg = (struct track_config){ .asked = STRUCTURE_EVENTS,
                                    .recursive = true,
                                    .max_depth = -1,
                                    .arg = w,
                                    .emit = on_emit,
                                    .note = on_note,
                                    .between = on_between };
    world_do(w, "mkdir r; mkdir out;");
    world_do(w, setup);
    return w;
}

void world_free(struct world *w)
{
    track_free(w->track);
    backlog_free(w->backlog);
    if (w->fd >= 0)
        close(w->fd);
    for (size_t i = 0; i < w->nhooks; i++) {
        free(w->hooks[i].path);
        free(w->hooks[i].script);
    }
    model_free(w->model);
    disk_free(w->disk);
    buf_free(&w->said);
    buf_free(&w->notes);
    free(w);
}

struct track_config *world_config(struct world *w)
{
    return &w->cfg;
}

void world_follow(struct world *w)
{
    w->follow = true;
    model_follow(w->model);
}

void world_sight(struct world *w, enum sight (*sight)(const char *path))
{
    w->sight = sight;
}

void world_no_replay(struct world *w)
{
    w->replay = false;
}

void world_everywhere(struct world *w, void (*hook)(struct world *w, void *arg), void *arg)
{
    w->everywhere = hook;
    w->everywhere_arg = arg;
}

int world_start(struct world *w, const char *roots)
{
    char *copy = strdup(roots), *again = strdup(roots), *rest = again, *root;
    int error = 0;

    w->fd = inotify_open();
    if (copy == NULL || again == NULL || w->fd < 0)
        err(1, "inotify");
    w->backlog = backlog_new(w->fd);
    if (w->cfg.snapshot)
        model_snapshot(w->model);
    w->track = track_new(w->fd, w->backlog, &w->cfg);
    if (w->follow) {
        if ((errno = track_follow(w->track)) != 0)
            err(1, "inotify");
        follow_between(w->track->pursuit->follow, on_name, w);
    }
    /* All are listed first: that makes records. --initial announces what is below a root, but not
     * the root, unless it is followed. */
    while ((root = strsep(&rest, " ")) != NULL && *root != '\0')
        if (!w->follow || !w->cfg.initial)
            model_list(w->model, w->disk, root, w->cfg.initial ? 0 : -1, w->sight);
    for (rest = copy; error == 0 && (root = strsep(&rest, " ")) != NULL && *root != '\0';)
        error = track_root(w->track, root);
    track_setup(w->track);
    free(copy);
    free(again);
    return error;
}

/* What is queued is lost, and the kernel says so. */
static void lose(struct world *w)
{
    struct inotify_event ev = { .wd = -1, .mask = IN_Q_OVERFLOW };
    static char bytes[65536]; /* thrown away */

    while (inotify_read(w->fd, bytes, sizeof(bytes)) > 0)
        continue;
    backlog_push(w->backlog, &ev, sizeof(ev));
}

void world_do(struct world *w, const char *script)
{
    char *copy = strdup(script != NULL ? script : ""), *rest = copy, *command;

    while ((command = strsep(&rest, ";")) != NULL) {
        while (*command == ' ')
            command++;
        if (strcmp(command, "lose") == 0)
            lose(w);
        else if (strcmp(command, "read") == 0)
            (void)backlog_fill(w->backlog, SIZE_MAX);
        else if (strcmp(command, "run") == 0)
            (void)world_quiet(w);
        else if (*command != '\0' && (errno = disk_do(w->disk, command)) != 0)
            err(1, "%s", command);
    }
    free(copy);
}

bool world_try(struct world *w, const char *command)
{
    if (strcmp(command, "lose") == 0) {
        lose(w);
        return true;
    }
    return disk_do(w->disk, command) == 0;
}

void world_at(struct world *w, int point, const char *path, const char *script)
{
    if (w->nhooks == sizeof(w->hooks) / sizeof(w->hooks[0]))
        errx(1, "too many hooks");
    w->hooks[w->nhooks++] = (struct hook){ point, strdup(path), strdup(script) };
}

void world_hooks(struct world *w, const char *hooks)
{
    static const struct {
        const char *name;
        int point;
    } points[] = { { "opened", SCAN_OPENED }, { "armed", SCAN_ARMED }, { "listed", SCAN_LISTED },
                   { "found", TRACK_FOUND },  { "taken", TRACK_TAKEN }, { "named", WORLD_NAMED } };
    char *copy = strdup(hooks), *rest = copy, *hook;

    while ((hook = strsep(&rest, "|")) != NULL) {
        char point[8], path[256];
        int at = 0;
        size_t p = 0;

        if (sscanf(hook, " %7s %255[^:]:%n", point, path, &at) < 2 || at == 0)
            errx(1, "not a hook: %s", hook);
        while (p < sizeof(points) / sizeof(points[0]) && strcmp(points[p].name, point) != 0)
            p++;
        if (p == sizeof(points) / sizeof(points[0]))
            errx(1, "not a point: %s", point);
        world_at(w, points[p].point, path, hook + at);
    }
    free(copy);
}

/* What is put off for a moment (milliseconds) belongs to it, and the second queue. */
static bool waits(const struct world *w)
{
    int64_t left = track_wake(w->track) - track_now();
    struct pollfd p[2];

    track_pollfd(w->track, p);
    if (poll(p, 1, 0) > 0)
        return true;
    if (track_wake(w->track) == 0 || left > 50000000)
        return false;
    if (left > 0)
        nanosleep(&(struct timespec){ .tv_nsec = left }, NULL);
    return true;
}

bool world_quiet(struct world *w)
{
    bool more = true;

    for (int i = 0; i < 1000; i++) {
        (void)backlog_fill(w->backlog, SIZE_MAX);
        if (i > 100)
            (void)waits(w);
        /* A second read that brings nothing shows that nothing is left. */
        if (!more && backlog_empty(w->backlog) && !waits(w))
            return true;
        more = track_run(w->track, SIZE_MAX);
    }
    printf("# it does not come to rest\n");
    return false;
}

bool world_said(struct world *w, const char *lines, bool any_order)
{
    w->lines = 0;
    return lines_same(&w->said, lines, any_order);
}

bool world_noted(struct world *w, const char *lines)
{
    return lines_same(&w->notes, lines, false);
}

void world_forget(struct world *w)
{
    w->said.len = w->notes.len = w->lines = 0;
}

size_t world_lines(const struct world *w)
{
    return w->lines;
}

struct backlog *world_backlog(struct world *w)
{
    return w->backlog;
}

struct track *world_track(struct world *w)
{
    return w->track;
}

int world_inotify(const struct world *w)
{
    return w->fd;
}

static nodeid node_at(const struct world *w, const char *path)
{
    const struct tree *t = track_tree(w->track);
    struct buf b = { 0 };
    nodeid found = NODE_NONE;

    for (size_t i = 0; i < tree_roots(t) && found == NODE_NONE; i++) {
        nodeid top = tree_root(t, i), id = top;

        for (; id != NODE_NONE && found == NODE_NONE; id = tree_next(t, id, top)) {
            path_of(w, id, &b);
            if (!(tree_node(t, id)->flags & NODE_GONE) && strcmp(b.data, path) == 0)
                found = id;
        }
    }
    buf_free(&b);
    return found;
}

int32_t world_wd(struct world *w, const char *path)
{
    nodeid id = node_at(w, path);

    return id != NODE_NONE ? tree_node(track_tree(w->track), id)->wd : -1;
}

/* A directory on the disk that is to be watched. */
struct tally {
    struct world *w;
    size_t dirs;
    bool good;
};

static void check_dir(void *arg, const char *path, const struct stat *st)
{
    struct tally *c = arg;
    nodeid id = node_at(c->w, path);
    const struct node *n = tree_node(track_tree(c->w->track), id);

    c->dirs++;
    if (id == NODE_NONE)
        printf("# %s: is not in the tree\n", path);
    else if (n->wd < 0)
        printf("# %s: has no watch (flags 0x%x)\n", path, n->flags);
    else if (n->ino != st->st_ino)
        printf("# %s: another inode\n", path);
    else if (n->flags & (NODE_LISTED | NODE_LOOSE | NODE_REPLACED))
        printf("# %s: has flags 0x%x\n", path, n->flags);
    else
        return;
    c->good = false;
}

/* The kernel's own list of the watches against the tree's. */
static bool check_kernel(struct world *w)
{
    const struct tree *t = track_tree(w->track);
    bool good = true;
    size_t n = 0;
    char line[512], path[64];
    FILE *fp;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", w->fd);
    if ((fp = fopen(path, "re")) == NULL)
        err(1, "%s", path);
    while (fgets(line, sizeof(line), fp) != NULL) {
        unsigned long ino;
        unsigned wd;
        nodeid id;

        if (sscanf(line, "inotify wd:%x ino:%lx", &wd, &ino) != 2)
            continue;
        n++;
        id = tree_by_wd(t, (int32_t)wd);
        if (id == NODE_NONE || tree_node(t, id)->ino != ino) {
            printf("# the kernel has a watch (wd %u, inode %lu) that the tree has not\n", wd, ino);
            good = false;
        }
    }
    fclose(fp);
    if (n != tree_armed(t)) {
        printf("# the kernel has %zu watches, the tree %zu\n", n, tree_armed(t));
        good = false;
    }
    return good;
}

bool world_kernel(struct world *w)
{
    return check_kernel(w);
}

bool world_true(struct world *w)
{
    const struct tree *t = track_tree(w->track);
    struct tally c = { w, 0, true };
    size_t nodes, watches;
    struct stat st;
    bool good;

    disk_dirs(w->disk, w->sight, check_dir, &c);
    nodes = watches = c.dirs;
    if (w->follow && c.dirs == 0) {
        /* The path stays, without a watch where nothing is there. */
        nodes = 1;
        watches = disk_stat(w->disk, "r", &st);
    }
    if (tree_count(t) != nodes || tree_armed(t) != watches) {
        printf("# %zu directories, %zu nodes, %zu watches\n", c.dirs, tree_count(t),
               tree_armed(t));
        c.good = false;
    }
    good = check_kernel(w) && c.good;
    if (w->replay)
        good = model_is_disk(w->model, w->disk, w->sight) && good;
    return good;
}

bool world_hooks_met(const struct world *w)
{
    bool good = true;

    for (size_t i = 0; i < w->nhooks; i++)
        if (w->hooks[i].path != NULL) {
            printf("# no walk came to %s\n", w->hooks[i].path);
            good = false;
        }
    return good;
}
