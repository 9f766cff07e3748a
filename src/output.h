/*
 * output.h - the queue of formatted bytes on its way to stdout or to the --outfile.
 *
 * Owns: the descriptor and the bytes not yet written. Must not know: what they mean.
 * Never blocks, and never makes the descriptor non-blocking (its file description is shared with
 * other processes): see output.c for how each kind of descriptor is written to.
 */
#ifndef PYWATCH_OUTPUT_H
#define PYWATCH_OUTPUT_H

#include <poll.h>
#include <stdbool.h>

#include "buf.h"

struct output;

/* Takes over fd. `limit`: the bytes that may wait in memory (--buffer). Never fails. */
struct output *output_new(int fd, size_t limit);
void output_free(struct output *o); /* does not flush; closes the descriptor */

/* Where the next record is to be appended. Valid until the next call of any output_ function. */
struct buf *output_buf(struct output *o);

/*
 * Writes as much as the descriptor takes without blocking; called when the kernel queue is empty
 * or a large block has gathered. Returns 0, or an errno value: EPIPE when the reader has gone,
 * any other when a write failed (ENOSPC, EIO, EFBIG ...). After an error nothing more is written.
 */
int output_flush(struct output *o);

/* Writes everything, waiting for a slow reader as long as it takes: the end of the program, on a
 * signal too. Gives up (returns EINTR) when *stop becomes non-zero; stop may be NULL. */
int output_drain(struct output *o, const volatile int *stop);

/* Bytes that wait. At or past the limit the caller stops reading events until it falls. */
size_t output_pending(const struct output *o);
bool output_full(const struct output *o);

/*
 * Fills *p for poll(2): events is POLLOUT while bytes wait, else 0, which still reports a reader
 * that has gone away (POLLERR on a pipe, POLLHUP on a socket or tty).
 */
void output_pollfd(const struct output *o, struct pollfd *p);

/* True when revents of that pollfd says that nobody can ever read what would be written. */
bool output_gone(const struct output *o, short revents);
short output_gone_bits(const struct output *o); /* the revents for which it is */

#endif
