/*
 * ready.c - see ready.h.
 *
 * The protocol is a datagram of NAME=VALUE lines to a socket of the service manager. Its address is
 * a path, or where '@' stands in front a name in the abstract namespace (unix(7)).
 */
#include "config.h"

#include "ready.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE 5 /* seconds: a manager that is slow is waited for, one that hangs is not */

int ready_fd_tell(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    int error = 0;

    if (poll(&p, 1, 0) < 0 || ((p.revents & (POLLOUT | POLLERR)) != 0 && write(fd, "\n", 1) < 0))
        error = errno;
    else if ((p.revents & (POLLOUT | POLLERR)) == 0)
        error = ENOBUFS;
    close(fd);
    return error;
}

const char *ready_socket(void)
{
    const char *name = getenv("NOTIFY_SOCKET");

    return name != NULL && *name != '\0' ? name : NULL;
}

/* Returns the length of the address, or 0 with errno set. */
static socklen_t address(const char *name, struct sockaddr_un *a)
{
    size_t n = strlen(name);

    memset(a, 0, sizeof(*a));
    a->sun_family = AF_UNIX;
    if (*name != '/' && *name != '@') {
        errno = EAFNOSUPPORT;
        return 0;
    }
    if (n >= sizeof(a->sun_path)) {
        errno = ENAMETOOLONG;
        return 0;
    }
    memcpy(a->sun_path, name, n);
    if (*name == '@')
        a->sun_path[0] = '\0';
    /* The length of an abstract name is part of it: no NUL belongs to it. */
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
}

static int send_state(const char *state)
{
    const struct timeval patience = { .tv_sec = PATIENCE };
    const char *name = ready_socket();
    struct sockaddr_un a;
    socklen_t n;
    int fd, error = 0;

    if (name == NULL)
        return 0;
    n = address(name, &a);
    if (n == 0)
        return errno;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&a, n) < 0)
        error = errno;
    close(fd);
    return error;
}

int ready_notify(size_t watches)
{
    char state[96];

    snprintf(state, sizeof(state), "READY=1\nSTATUS=Watching %zu file%s or director%s.", watches,
             watches == 1 ? "" : "s", watches == 1 ? "y" : "ies");
    return send_state(state);
}

int ready_notify_stopping(void)
{
    return send_state("STOPPING=1");
}
