/*
 * ready.h - whoever started pywatch learns that all watches are in place, and that it is ending: by
 * a descriptor (--ready-fd), and by $NOTIFY_SOCKET as systemd.exec(5) and sd_notify(3) have it.
 *
 * Owns: these two ways. Must not know: what is watched. Called by main.c alone. Each function
 * returns 0, or an errno value: it is for the caller to say so, and not a reason to end.
 */
#ifndef PYWATCH_READY_H
#define PYWATCH_READY_H

#include <stddef.h>

/* Writes a newline to fd and closes it. Never waits: ENOBUFS where it takes no more. */
int ready_fd_tell(int fd);

/* $NOTIFY_SOCKET, or NULL where there is none. */
const char *ready_socket(void);

/* Nothing is done, and 0 returned, where there is no $NOTIFY_SOCKET. */
int ready_notify(size_t watches);
int ready_notify_stopping(void);

#endif
