/*
 * storm.h - what the files of storm_drive share: storm_drive.c (processes, options, waiting for a
 * line) and storm_ops.c (the operations). For them alone.
 */
#ifndef PYWATCH_STORM_H
#define PYWATCH_STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HELD 4 /* files that each process keeps open for writing while it does other things */

/* Shared by all processes of a storm, in memory that fork does not copy. */
struct tally {
    unsigned tries, done;
};

struct storm {
    int root, outside; /* O_PATH descriptors of the two directories */
    uint64_t rng;
    unsigned limit;           /* beyond so many entries, most operations remove something */
    unsigned *entries;        /* counted now and then by the first process; shared */
    struct tally *tally;      /* one for each operation; shared */
    int held[HELD];
};

void storm_init(struct storm *s, uint64_t seed);

/* One operation, drawn by weight. */
void storm_step(struct storm *s);

/* Closes the files that are still held open. */
void storm_finish(struct storm *s);

/* How many tallies there are, and the operations' names and counts, as a line each. */
unsigned storm_ops(void);
void storm_print(const struct storm *s, FILE *out);

/* So many entries are in the directory and below it. */
unsigned storm_count(int dir, const char *name);

#endif
