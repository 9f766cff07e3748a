/*
 * daemon.h - the way into the background (-d).
 *
 * Owns: the two forks, and the pipe by which whoever started it learns how set-up went. Must not
 * know: what is watched. Called by main.c alone.
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
 * Lets go of standard input, output and error, and tells the waiting process that all is in place.
 * Returns 0, or -1 where that process has been ended meanwhile: nobody wants the daemon then.
 */
int daemon_ready(void);

#endif
