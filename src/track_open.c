/*
 * track_open.c - track from its making to the end of set-up, and what it says of itself.
 *
 * Owns: the roots that are named at the start. Each is armed and, with -r, walked at once; the
 * records that come meanwhile wait in the backlog until all roots are in place.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "inotify.h"
#include "track_impl.h"

struct track *track_new(int fd, struct backlog *b, const struct track_config *cfg)
{
    struct track *t = calloc(1, sizeof(*t));

    if (t == NULL)
        err(1, "out of memory");
    t->cfg = *cfg;
    t->fd = fd;
    t->plain.from = NO_NAME;
    t->backlog = b;
    t->lively = 64; /* ticks, until it shows whether the tree is */
    t->tree = tree_new();
    t->reach = reach_new(t->tree);
    if (cfg->snapshot)
        t->snapshot = snapshot_new();
    t->scan = track_scan_new(t);
    if (cfg->asks)
        t->asks = asks_new();
    t->dir_mask = ask_dir_mask(cfg->asked | cfg->flags);
    t->noise = noise_new(t->dir_mask & NOISY);
    scan_mask(t->scan, t->dir_mask & ~NOISY);
    scan_one_fs(t->scan, cfg->one_fs);
    for (size_t i = 0; i < cfg->nexcluded; i++)
        scan_exclude(t->scan, cfg->excluded[i]);
    return t;
}

void track_free(struct track *t)
{
    if (t == NULL)
        return;
    for (uint32_t i = 0; i < t->nwindows; i++)
        window_free(t->windows[i].w);
    free(t->windows);
    snapshot_free(t->snapshot);
    free(t->later);
    free(t->arms);
    free(t->heard);
    free(t->loose);
    free(t->starved.ids);
    free(t->closed);
    free(t->taken_in);
    asks_free(t->asks);
    halves_free(t->halves);
    finish_free(t->finish);
    pursuit_free(t->pursuit);
    scan_free(t->scan);
    noise_free(t->noise);
    reach_free(t->reach);
    tree_free(t->tree);
    buf_free(&t->watch);
    buf_free(&t->from);
    buf_free(&t->note);
    free(t);
}

size_t track_watches(const struct track *t)
{
    return tree_armed(t->tree);
}

uint64_t track_overflows(const struct track *t)
{
    return t->overflows;
}

size_t track_needed(const struct track *t)
{
    return tree_count(t->tree) + t->unrooted;
}

int64_t track_wake(const struct track *t)
{
    int64_t wake = pursuit_wake(t);

    return wake > 0 && (t->starved.wake == 0 || wake < t->starved.wake) ? wake : t->starved.wake;
}

bool track_hopeless(const struct track *t)
{
    return t->pursuit == NULL && tree_armed(t->tree) == 0 && t->nlater == 0 && !t->overflowed && t->starved.n == 0;
}

const struct tree *track_tree(const struct track *t)
{
    return t->tree;
}

static bool is_link_to_dir(int at, const char *path)
{
    struct stat st;

    return fstatat(at, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* -r -P: below the link there is nothing, so the directory is meant; as with inotifywait, which
 * puts a slash behind what it walks. */
static int root_behind_link(struct track *t, const char *path)
{
    char *slashed;
    int error;

    if (asprintf(&slashed, "%s/", path) < 0)
        err(1, "out of memory");
    error = track_root(t, slashed);
    free(slashed);
    return error;
}

int track_root(struct track *t, const char *path)
{
    int at = reach_start(t->reach), wd;
    struct stat st;
    uint32_t mask;
    bool is_dir;
    nodeid id;

    if (t->pursuit != NULL)
        return pursuit_root(t, path);
    if (fstatat(at, path, &st, t->cfg.flags & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0) < 0)
        return errno;
    if (t->cfg.recursive && S_ISLNK(st.st_mode) && is_link_to_dir(at, path))
        return root_behind_link(t, path);
    is_dir = S_ISDIR(st.st_mode);
    mask = track_root_mask(t, is_dir);
    wd = inotify_arm_at(t->fd, at, path, mask | (mask & IN_MASK_CREATE ? 0 : IN_MASK_ADD));
    if (wd < 0) {
        t->unrooted++;
        return errno;
    }
    id = tree_by_wd(t->tree, wd);
    if (id != NODE_NONE) {
        /* Named twice, or within another root: its events come once, under the first. */
        if (is_dir && track_makes_quiet(t))
            tree_node(t->tree, id)->flags |= NODE_QUIET;
        return 0;
    }
    id = tree_add_root(t->tree, path, is_dir);
    tree_set_wd(t->tree, id, wd);
    tree_node(t->tree, id)->ino = st.st_ino;
    tree_node(t->tree, id)->dev = reach_dev(st.st_dev);
    if (wd > t->max_wd)
        age_note(t, wd);
    if (t->asks != NULL)
        ask_set(t, &(struct ask){ .id = id,
                                  .own = ask_default(t) | (t->cfg.flags & FLAGS_KEPT),
                                  .below = ask_default(t) | (t->cfg.flags & FLAGS_KEPT),
                                  .recursive = t->cfg.recursive });
    track_note(t, NOTE_WATCHED, id, 0);
    if (is_dir && (t->cfg.recursive || t->cfg.initial || t->cfg.snapshot)) {
        /* Under -r the mask has none of these yet. */
        if (!t->cfg.recursive)
            track_expect_noise(t, id, wd, NO_NAME, NOISE_OPEN | NOISE_CLOSE);
        track_list_root(t, id);
    }
    if (!is_dir && t->cfg.initial)
        track_synthetic(t, id, NO_NAME, IN_CREATE);
    return t->setup_error;
}

void track_setup(struct track *t)
{
    if (t->cfg.recursive) {
        (void)backlog_fill(t->backlog, SIZE_MAX);
        age_set(t);
    }
    t->armed_once = true;
    t->setup_mark = backlog_mark(t->backlog);
    t->setup_wd = t->max_wd;
    t->initial_serial = t->window_serial;
    scan_mask(t->scan, t->dir_mask);
    if (t->cfg.recursive && (t->dir_mask & NOISY)) {
        t->setup_read = backlog_read_count(t->backlog);
        track_unquiet(t);
    }
}
