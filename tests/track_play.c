/*
 * track_play.c - see track_play.h.
 */
#include "config.h"

#include "track_play.h"

/* Set-up, and then the script; no record has been worked on. */
static struct world *begin(const struct scenario *s, bool snapshot)
{
    struct world *w = world_new(s->setup);

    if (s->asked != 0)
        world_config(w)->asked = s->asked;
    world_config(w)->snapshot = snapshot;
    world_config(w)->initial = s->initial;
    /* With --initial it is set-up that the hooks are for. */
    if (s->initial && s->hooks != NULL)
        world_hooks(w, s->hooks);
    world_start(w, "r");
    if (!s->initial && s->hooks != NULL)
        world_hooks(w, s->hooks);
    world_do(w, s->script);
    return w;
}

bool world_play(const struct scenario *s)
{
    struct world *w = begin(s, s->snapshot);
    bool good = world_quiet(w);

    good = world_said(w, s->said, s->any_order) && good;
    good = world_hooks_met(w) && good;
    good = world_true(w) && good;
    world_free(w);
    return good;
}

bool world_play_true(const struct scenario *s, bool snapshot)
{
    struct world *w = begin(s, snapshot);
    bool good = world_quiet(w);

    good = world_hooks_met(w) && good;
    good = world_true(w) && good;
    world_free(w);
    return good;
}
