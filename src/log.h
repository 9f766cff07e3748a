/*
 * log.h - the system's log as a stream (-s, -d).
 *
 * Owns: the way of a line to syslogd. Must not know: who writes it, and what it says. Called by
 * main.c alone.
 */
#ifndef PYWATCH_LOG_H
#define PYWATCH_LOG_H

#include <stdio.h>

/*
 * A stream, each line of which goes to syslog(3) as a message of this process, without the name of
 * the program in front, which each message bears there. It can take the place of stderr. Returns
 * NULL, and sets errno, where nobody listens to /dev/log. Lives until the end of the process.
 */
FILE *log_stream(void);

#endif
