/*
 * noise.h - the records that pywatch's own listing of directories causes.
 *
 * Owns: for each directory that we listed, which of OPEN, ACCESS and CLOSE_NOWRITE are still to
 * come, under its own watch descriptor (no name) and under its parent's (with its name). Must not
 * know: the tree, what is printed.
 *
 * The kernel tells nobody whose OPEN it was. So one OPEN, the ACCESS that follow it, and one
 * CLOSE_NOWRITE after these are taken to be ours, for each listing. Used only where those bits were
 * asked for; during set-up they are left out of the mask instead.
 */
#ifndef PYWATCH_NOISE_H
#define PYWATCH_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOISE_OPEN 1u
#define NOISE_CLOSE 2u
#define NOISE_BARE 4u /* opened and closed, but not read: no ACCESS comes between */

struct noise;

/* asked: the bits of OPEN, ACCESS and CLOSE_NOWRITE that the kernel was asked for; others are left
 * alone. Without ACCESS, a listing cannot be told from an open and close by somebody else. */
struct noise *noise_new(uint32_t asked);
void noise_free(struct noise *n);

/* The same for what is expected from now on, where watches differ. */
void noise_asked(struct noise *n, uint32_t asked);

/* We are about to cause these under wd; len 0: about the watched directory itself. */
void noise_expect(struct noise *n, int32_t wd, const char *name, size_t len, unsigned bits);

enum noise_verdict {
    NOISE_OTHER, /* print it */
    NOISE_OURS,  /* drop it */
    NOISE_LATE   /* print it, and an OPEN before it that was taken to be ours, but was not */
};

enum noise_verdict noise_ours(struct noise *n, int32_t wd, const char *name, size_t len,
                              uint32_t mask);

/* The entry was renamed while it was open. */
void noise_moved(struct noise *n, int32_t wd, const char *name, size_t len, int32_t to_wd,
                 const char *to, size_t to_len);

/* Every record that was queued up to now has been seen: what has not come will not come. */
void noise_clear(struct noise *n);

bool noise_empty(const struct noise *n);

#endif
