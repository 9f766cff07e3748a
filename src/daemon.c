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
#include <libutil.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "visible.h"

static int ready_pipe = -1;
static struct pidfh *pidfile;
static const char *pidfile_path;

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

static int pidfile_failed(const char *path, int error, pid_t holder)
{
    char *seen = visible(path);

    if (holder > 0)
        warnx("--pidfile: '%s' is held by process %jd", seen, (intmax_t)holder);
    else if (error == EEXIST)
        warnx("--pidfile: '%s' is held by another process", seen);
    else if (error == 0)
        warnx("--pidfile: '%s' is not a file", seen);
    else
        warnc(error, "--pidfile: '%s' cannot be written", seen);
    free(seen);
    daemon_end();
    return -1;
}

int daemon_pidfile(const char *path)
{
    struct stat st;
    pid_t holder = 0;

    /* As root, a device would be taken away in the end. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return pidfile_failed(path, 0, 0);
    pidfile_path = path;
    pidfile = pidfile_open(path, 0644, &holder);
    if (pidfile == NULL) /* EINVAL: it is locked, and what it holds is no number */
        return pidfile_failed(path, errno == EINVAL ? EEXIST : errno, holder);
    if (pidfile_write(pidfile) < 0)
        return pidfile_failed(path, errno, 0);
    if (atexit(daemon_end) != 0)
        return pidfile_failed(path, ENOMEM, 0);
    return 0;
}

/* libbsd would take away whatever has the name by now. */
static bool still_ours(void)
{
    struct stat held, named;

    return fstat(pidfile_fileno(pidfile), &held) == 0 && stat(pidfile_path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

void daemon_end(void)
{
    if (pidfile == NULL)
        return;
    if (still_ours())
        pidfile_remove(pidfile);
    else
        pidfile_close(pidfile);
    pidfile = NULL;
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
