/*
 * daemon.c - see daemon.h.
 *
 * The working directory stays what it is, for relative paths begin there.
 */
#include "config.h"

#include "daemon.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static int ready_pipe = -1;

/* The process that was started: until the byte comes, or the last writer has gone without it. */
static void __attribute__((noreturn)) await(int fd)
{
    char byte;
    ssize_t n;

    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    _exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int daemon_start(void)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        warn("cannot go to the background");
        return -1;
    }
    if (pid > 0) {
        close(ends[1]);
        await(ends[0]);
    }
    close(ends[0]);
    /* The leader of a session could get a terminal by opening one: it goes at once. */
    if (setsid() < 0 || (pid = fork()) < 0) {
        warn("cannot go to the background");
        close(ends[1]);
        return -1;
    }
    if (pid > 0)
        _exit(EXIT_SUCCESS);
    ready_pipe = ends[1];
    return 0;
}

int daemon_ready(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    void (*before)(int);
    ssize_t n;

    if (fd < 0) {
        warn("cannot open /dev/null");
        return -1;
    }
    for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++)
        dup2(fd, to);
    close(fd);
    before = signal(SIGPIPE, SIG_IGN);
    n = write(ready_pipe, "", 1);
    signal(SIGPIPE, before);
    close(ready_pipe);
    ready_pipe = -1;
    return n == 1 ? 0 : -1;
}
