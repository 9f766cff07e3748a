/*
 * floor_start.c - watches PATH for a millisecond and ends: most of that is the kernel's, which
 * waits for all processors when an inotify instance is closed.
 */
#include <err.h>
#include <poll.h>
#include <sys/inotify.h>

int main(int argc, char **argv)
{
    struct pollfd p = {.fd = inotify_init1(IN_CLOEXEC), .events = POLLIN};

    if (argc != 2 || p.fd < 0 || inotify_add_watch(p.fd, argv[1], IN_ALL_EVENTS) < 0)
        err(1, "usage: floor_start PATH");
    return poll(&p, 1, 1) < 0;
}
