/*
 * track_scan.c - what a walk finds, and what that means for the tree.
 *
 * A walk sees the disk as it is now; the tree is as the records have told so far. So a walk only
 * adds: nodes for what has none, watches, windows. Whatever contradicts the tree (a watch
 * descriptor that another node has, a directory that is not there any more) is put off until the
 * records have caught up (LATER_LOOSE): mostly one of them explains it.
 */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "inotify.h"
#include "track_impl.h"

#define SETUP_TICK 500000  /* ns; see due */
#define LIVELY 1000        /* ticks after a record */

uint32_t track_root_mask(const struct track *t, bool is_dir)
{
    if (!is_dir || !t->cfg.recursive)
        return ask_lone_mask(t->cfg.asked | t->cfg.flags, is_dir);
    return t->armed_once ? t->dir_mask : t->dir_mask & ~(uint32_t)NOISY;
}

/*
 * Set-up takes a few microseconds a directory, of which a read that finds nothing would be a
 * tenth. No writer fills the queue in half a millisecond. But where something happens in the tree,
 * it is of use to know closely how old each watch is (track_age.c).
 */
static bool due(struct track *t)
{
    int64_t now;

    if (t->cfg.between != NULL || t->lively > 0)
        return true;
    now = track_now();
    if (now < t->next_tick)
        return false;
    t->next_tick = now + SETUP_TICK;
    return true;
}

static void on_tick(void *arg, enum scan_point point, nodeid id)
{
    struct track *t = arg;
    uint64_t before = backlog_read_count(t->backlog);

    if (t->cfg.between != NULL)
        t->cfg.between(t->cfg.arg, (int)point, id);
    /* A read that finds nothing costs a fraction of what arming a directory costs. */
    if (!t->armed_once && (point == SCAN_OPENED || !due(t)))
        return;
    (void)backlog_fill(t->backlog, FILL);
    if (backlog_read_count(t->backlog) != before)
        t->lively = LIVELY;
    else if (t->lively > 0)
        t->lively--;
    age_set(t);
}

void track_expect_noise(struct track *t, nodeid id, int32_t wd, struct str name, unsigned bits)
{
    uint32_t asked = (t->asks == NULL ? t->dir_mask : ask_mask(t, id)) & NOISY;

    if (asked == 0)
        return;
    if (t->asks != NULL)
        noise_asked(t->noise, asked);
    noise_expect(t->noise, wd, name.s, name.len, bits);
    if (!t->noise_noted) {
        t->noise_noted = true;
        later_add(t, LATER_NOISE, NODE_NONE, -1);
    }
}

static bool makes_noise(const struct track *t)
{
    return t->armed_once && (t->asks != NULL || (t->dir_mask & NOISY));
}

static void on_opened(void *arg, nodeid id)
{
    struct track *t = arg;
    const struct node *n = tree_node(t->tree, id);

    /* What is found may be watched under another path, and for something else: see on_armed. */
    if (t->asks != NULL)
        scan_mask(t->scan, ask_mask(t, id) & ~(t->armed_once ? 0u : (uint32_t)NOISY));
    if (!makes_noise(t))
        return;
    if (n->wd >= 0)
        track_expect_noise(t, id, n->wd, NO_NAME, NOISE_OPEN | NOISE_CLOSE);
    if (n->parent != NODE_NONE && tree_node(t->tree, n->parent)->wd >= 0)
        track_expect_noise(t, n->parent, tree_node(t->tree, n->parent)->wd,
                           tree_name(t->tree, id), NOISE_OPEN | NOISE_CLOSE);
}

static enum scan_answer on_armed(void *arg, nodeid id, int32_t wd)
{
    struct track *t = arg;
    struct node *n = tree_node(t->tree, id);
    nodeid other = tree_by_wd(t->tree, wd);
    uint32_t asked = t->asks != NULL ? ask_mask(t, id) : 0;
    bool fresh = wd > t->max_wd;

    if (fresh)
        age_note(t, wd);
    if (makes_noise(t) && other != id)
        track_expect_noise(t, id, wd, NO_NAME,
                     fresh ? NOISE_CLOSE : NOISE_OPEN | NOISE_CLOSE);
    if (n->wd >= 0 && n->wd != wd) {
        /* Another directory than the known one has its place. The records that are queued may
         * say so; if they do not, it is so. */
        if (other == NODE_NONE)
            later_add(t, LATER_ORPHAN, NODE_NONE, wd);
        if (t->quiet && doubt_quiet(t, n->parent))
            n->flags |= NODE_REPLACED;
        else
            later_add(t, LATER_LOOSE, id, -1);
        return SCAN_SKIP;
    }
    if (other != NODE_NONE && other != id) {
        if (!(tree_node(t->tree, other)->flags & NODE_GONE)) {
            if (track_makes_quiet(t))
                tree_node(t->tree, other)->flags |= NODE_QUIET;
            doubt_elsewhere(t, id, other);
            /* It has got what was asked for here besides. */
            if (t->asks != NULL && (other = tree_by_wd(t->tree, wd)) != NODE_NONE &&
                (asked & ~ask_mask(t, other)) != 0)
                (void)scan_rearm(t->scan, other, ask_mask(t, other));
            return SCAN_SKIP;
        }
        /* Armed too early for a directory that had this name before. */
        tree_set_wd(t->tree, other, -1);
        track_remove(t, other);
    }
    if (n->wd != wd && !fresh && t->armed_once) {
        /* It was watched under another path, let go there, and records of that time are still
         * queued: with a new number they are not taken for records of this path. */
        inotify_disarm(t->fd, wd);
        return SCAN_AGAIN;
    }
    t->whole = t->walk == WALK_NEW ||
               (t->walk == WALK_RESYNC &&
                ((n->flags & NODE_LISTED) ||
                 (window_of(t, id) != NULL && window_whole(window_of(t, id)))));
    if (n->wd != wd) {
        tree_set_wd(t->tree, id, wd);
        track_note(t, NOTE_WATCHED, id, 0);
    }
    n->flags &= (uint16_t)~(NODE_WARNED | NODE_QUIET);
    if (track_makes_quiet(t))
        n->flags |= NODE_QUIET;
    if (t->whole)
        window_open(t, id, true);
    if (t->walk == WALK_RESYNC && window_of(t, id) != NULL)
        window_restart(window_of(t, id));
    return SCAN_LIST;
}

/* --snapshot: what does the entry look like, and what did it look like? */
static void compare(struct track *t, nodeid dir, const char *name, size_t len,
                    enum entry_kind kind)
{
    struct window *w = window_of(t, dir);
    enum entry_kind told;
    /* What was told of it, if anything, is what the snapshot has. */
    bool known = t->walk == WALK_RESYNC &&
                 (!t->whole || (w != NULL && window_said(w, name, len, &told) == WINDOW_SAID_THERE));
    enum snapshot_verdict v;
    nodeid child;
    struct stat st;

    if (scan_stat(t->scan, name, &st) < 0)
        return; /* gone already: its DELETE is queued */
    v = snapshot_see(t->snapshot, dir, name, len, &st);
    if (!known || v == SNAPSHOT_SAME)
        return;
    child = tree_find(t->tree, dir, name, len);
    if (child != NODE_NONE)
        window_replace(window_open(t, dir, false), name, len, kind, ENTRY_DIR);
    else if (v == SNAPSHOT_REPLACED)
        window_replace(window_open(t, dir, false), name, len, kind, ENTRY_FILE);
    else if (v == SNAPSHOT_CHANGED)
        window_change(window_open(t, dir, false), name, len, kind);
    else
        window_list(window_open(t, dir, false), name, len, kind);
}

/* What the snapshot has, and this listing did not show. A directory may stand there now. */
static void compare_rest(struct track *t, nodeid dir)
{
    struct window *w;
    struct str name;
    uint32_t at = 0;

    while (snapshot_next_unseen(t->snapshot, dir, &at, &name)) {
        nodeid child = tree_find(t->tree, dir, name.s, name.len);

        if (t->walk != WALK_RESYNC || t->whole)
            continue;
        w = window_open(t, dir, false);
        if (child != NODE_NONE && window_untold(w, name.s, name.len))
            snapshot_drop(t->snapshot, dir, name.s, name.len);
        else if (child != NODE_NONE && window_settle(w, name.s, name.len))
            window_turn(w, name.s, name.len, ENTRY_FILE);
        else
            window_miss(w, name.s, name.len, ENTRY_FILE);
    }
}

static nodeid on_entry(void *arg, nodeid dir, const char *name, size_t len, enum entry_kind kind)
{
    struct track *t = arg;
    nodeid child;
    bool found;

    if (t->cfg.ignored != NULL && t->cfg.ignored(t->cfg.arg, name))
        return NODE_NONE;
    if (t->snapshot != NULL && kind != ENTRY_DIR)
        compare(t, dir, name, len, kind);
    if (t->whole)
        window_list(window_of(t, dir), name, len, kind);
    else if (window_of(t, dir) != NULL)
        window_seen(window_of(t, dir), name, len, kind);
    if (kind == ENTRY_FILE)
        track_lease(t, dir, name, len);
    if (kind != ENTRY_DIR || !ask_covers(t, dir) ||
        (t->cfg.max_depth >= 0 && tree_depth(t->tree, dir) >= (unsigned)t->cfg.max_depth))
        return NODE_NONE;
    child = tree_find(t->tree, dir, name, len);
    found = child != NODE_NONE;
    if (!found) {
        child = tree_add(t->tree, dir, name, len);
        if (t->walk != WALK_SETUP)
            tree_node(t->tree, child)->flags |= NODE_LISTED;
        if (t->walk == WALK_RESYNC && !t->whole)
            window_list(window_open(t, dir, false), name, len, ENTRY_DIR);
    }
    if (t->walk == WALK_RESYNC)
        tree_node(t->tree, child)->flags |= NODE_SEEN;
    if (found && t->walk != WALK_RESYNC && tree_node(t->tree, child)->wd >= 0)
        return NODE_NONE;
    /* A rename can bring a name into a listing twice: it is on the list of what is to be visited. */
    if (found && t->walk == WALK_SETUP && !t->armed_once)
        return NODE_NONE;
    return child;
}

/* After an overflow: directories that are known, and that the listing did not show. */
static void miss_rest(struct track *t, nodeid dir)
{
    for (nodeid c = tree_node(t->tree, dir)->child, next; c != NODE_NONE; c = next) {
        struct node *n = tree_node(t->tree, c);
        struct str name = tree_name(t->tree, c);

        next = n->next;
        if (n->flags & (NODE_SEEN | NODE_GONE)) {
            n->flags &= (uint16_t)~NODE_SEEN;
        } else if (n->flags & NODE_LISTED) {
            track_retire_below(t, c); /* never announced, and gone */
            window_close(t, c);
            if (n->wd >= 0)
                later_add(t, LATER_ORPHAN, NODE_NONE, n->wd);
            tree_set_wd(t->tree, c, -1);
            track_remove(t, c);
        } else {
            window_miss(window_open(t, dir, false), name.s, name.len, ENTRY_DIR);
            t->put_off = true; /* it may have moved, and has not been listed then */
        }
    }
}

static void on_listed(void *arg, nodeid dir)
{
    struct track *t = arg;

    if (t->walk == WALK_RESYNC)
        miss_rest(t, dir);
    if (t->snapshot != NULL)
        compare_rest(t, dir);
    if (t->walk == WALK_RESYNC && window_of(t, dir) != NULL)
        window_rest(window_of(t, dir));
    if (window_of(t, dir) != NULL)
        later_add(t, LATER_WINDOW, dir, -1);
}

/*
 * The owner may make it readable. Its parent's watch tells that, or where the parent itself may
 * not be armed for that, the one above: all of these are on the way.
 */
static void await_mode(struct track *t, nodeid id)
{
    nodeid above = tree_node(t->tree, id)->parent;

    closed_add(t, id);
    while (above != NODE_NONE && !(ask_mask(t, above) & IN_ATTRIB) &&
           scan_rearm(t->scan, above, IN_ATTRIB | IN_MASK_ADD) == EACCES)
        above = tree_node(t->tree, above)->parent;
}

static void on_failed(void *arg, nodeid id, int error)
{
    struct track *t = arg;
    struct node *n = tree_node(t->tree, id);

    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ESTALE:
        if (n->flags & NODE_ROOT) {
            t->setup_error = error;
        } else if (!t->armed_once && !(n->flags & NODE_LISTED) && n->wd < 0 && error != ESTALE) {
            track_remove(t, id);
        } else if (!t->quiet) {
            later_add(t, LATER_LOOSE, id, -1);
        } else if (error != ESTALE) {
            doubt_vanished(t, id);
        } else {
            doubt_all(t, id, error);
        }
        break;
    case EXDEV:
        if (!(n->flags & NODE_ROOT) && n->wd < 0)
            track_remove(t, id);
        break;
    case EACCES:
    case EPERM:
        await_mode(t, id);
        /* fall through */
    default:
        if ((!t->armed_once || t->adding) && (error == ENOSPC || (n->flags & NODE_ROOT)))
            t->setup_error = error;
        else if (error == ENOSPC)
            starve_add(t, id);
        else if (!(n->flags & NODE_WARNED) && !t->mute)
            track_note(t, NOTE_UNWATCHED, id, error);
        n->flags |= NODE_WARNED;
        break;
    }
}

static void on_stray(void *arg, int32_t wd)
{
    struct track *t = arg;

    if (tree_by_wd(t->tree, wd) == NODE_NONE)
        later_add(t, LATER_ORPHAN, NODE_NONE, wd);
}

static bool on_no_more(void *arg, nodeid id)
{
    struct track *t = arg;

    (void)id;
    if (t->armed_once)
        return false;
    t->setup_error = ENOSPC;
    t->whole = false;
    return true;
}

struct scan *track_scan_new(struct track *t)
{
    struct scan_hooks hooks = { .arg = t,
                                .alone = t->cfg.between != NULL,
                                .tick = on_tick,
                                .opened = on_opened,
                                .armed = on_armed,
                                .stray = on_stray,
                                .go_on = on_no_more,
                                .entry = on_entry,
                                .listed = on_listed,
                                .failed = on_failed };

    return scan_new(t->fd, t->tree, t->reach, &hooks);
}

void track_walk(struct track *t, nodeid top)
{
    /* The walk opens a root before it comes to its mask, and asks this one how. */
    if (t->asks != NULL)
        scan_mask(t->scan, ask_mask(t, top));
    scan_walk(t->scan, top);
    while (t->ntaken_in > 0)
        scan_walk(t->scan, t->taken_in[--t->ntaken_in]);
    /* The mark that was taken when it began may pass before the last of its noise is queued. */
    if (!noise_empty(t->noise))
        later_add(t, LATER_NOISE, NODE_NONE, -1);
}

void track_list_root(struct track *t, nodeid id)
{
    bool told = t->armed_once || t->cfg.initial;

    if (track_makes_quiet(t))
        tree_node(t->tree, id)->flags |= NODE_QUIET;
    t->walk = told ? WALK_NEW : WALK_SETUP;
    if (t->cfg.recursive && !told && t->snapshot == NULL) {
        scan_mask(t->scan, ask_mask(t, id) & ~(uint32_t)NOISY);
        scan_setup(t->scan, id, ask_mask(t, id));
    } else {
        scan_mask(t->scan, track_root_mask(t, true));
        track_walk(t, id);
    }
}

void track_take_up(struct track *t, nodeid dir, struct str name)
{
    nodeid id;

    if (t->cfg.max_depth >= 0 && tree_depth(t->tree, dir) >= (unsigned)t->cfg.max_depth)
        return;
    id = tree_add(t->tree, dir, name.s, name.len);
    t->walk = WALK_NEW;
    track_walk(t, id);
}

/*
 * A directory that is not where the tree has it is put off: the record of why is queued. What else
 * the mask had (ATTRIB, where an unreadable directory is waited for) stays.
 */
bool track_widen(struct track *t, nodeid id)
{
    struct node *n = tree_node(t->tree, id);

    switch (scan_rearm(t->scan, id, ask_mask(t, id) | IN_MASK_ADD)) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ESTALE:
        n->flags |= NODE_QUIET;
        return false;
    default:
        n->flags &= (uint16_t)~NODE_QUIET;
        return true;
    }
}

/*
 * Set-up left OPEN, ACCESS and CLOSE_NOWRITE out of the masks: now nothing is listed any more.
 * Where scan_setup could, it has added them already.
 */
void track_unquiet(struct track *t)
{
    for (size_t i = 0; i < tree_roots(t->tree); i++) {
        nodeid top = tree_root(t->tree, i);

        for (nodeid id = top; id != NODE_NONE; id = tree_next(t->tree, id, top)) {
            struct node *n = tree_node(t->tree, id);

            if (n->wd < 0 || !(n->flags & NODE_QUIET))
                continue;
            if (!track_widen(t, id))
                later_add(t, LATER_LOOSE, id, -1);
            (void)backlog_fill(t->backlog, FILL);
        }
    }
}
