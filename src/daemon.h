/*
 * daemon.h - the way into the background (-d).
 *
 * Owns: the two forks, the pipe by which whoever started it learns how set-up went, the pid file.
 * Must not know: what is watched. Called by main.c alone.
 */
#ifndef PYWATCH_DAEMON_H
#define PYWATCH_DAEMON_H

/*
 * Goes on in a new session, in a process that leads none. The process that was started stays until
 * the new one is ready or has ended, and then exits with 0 or 1: it does not return from here.
 * Standard error is still the caller's. Returns 0, or -1 where it cannot fork; the message is out.
 */
int daemon_start(void);

/*
 * Called in between: writes the process's number to this file, and locks it, until the end of the
 * process; path has to stay. Returns 0, or -1 where another process holds it, or it cannot be
 * written; the message is out.
 */
int daemon_pidfile(const char *path);

/*
 * Takes the pid file away, unless another one has its place. exit(3) does so by itself: this is for
 * an end by a signal.
 */
void daemon_end(void);

/*
 * Lets go of standard input, output and error, and tells the waiting process that all is in place.
 * Returns 0, or -1 where that process has been ended meanwhile: nobody wants the daemon then.
 */
int daemon_ready(void);

#endif
