/*
 * track_play.h - one race from start to end, in a table: for tests of track.
 *
 * Owns: the order of things. Must not know: how any of them is done (track_world.h).
 */
#ifndef PYWATCH_TRACK_PLAY_H
#define PYWATCH_TRACK_PLAY_H

#include "track_world.h"

/* One race, from start to end. */
struct scenario {
    const char *title;
    const char *setup;
    const char *script; /* after set-up, before any record is read */
    const char *hooks;  /* see world_hooks */
    const char *said;   /* lines, each ended by \n */
    uint32_t asked;     /* 0: STRUCTURE_EVENTS */
    bool any_order;
    bool snapshot, initial;
};

/* Plays it to the end: all as expected, every hook met, the world true. */
bool world_play(const struct scenario *s);

/* The same, whatever is said: only the end counts. With --snapshot where asked for. */
bool world_play_true(const struct scenario *s, bool snapshot);

#endif
