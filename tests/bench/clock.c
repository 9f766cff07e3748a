/*
 * clock.c - times what is too short for the driver. Prints "MEDIAN P99" in microseconds.
 *
 *   clock latency N FILE COMMAND...   write(2) to FILE until COMMAND's line can be read on a pipe,
 *                                     N times, each after two quiet milliseconds
 *   clock start N COMMAND...          a run of COMMAND from start to end
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Starts argv with stdout and stderr where these are given (-1: /dev/null). */
static pid_t start(char **argv, int out, int error)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    posix_spawn_file_actions_t fa;
    pid_t pid;

    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_adddup2(&fa, out < 0 ? null : out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&fa, error < 0 ? null : error, STDERR_FILENO);
    if (posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) != 0)
        err(1, "%s", argv[0]);
    posix_spawn_file_actions_destroy(&fa);
    close(null);
    return pid;
}

static void latency(double *t, long n, const char *file, char **argv)
{
    const struct timespec quiet = {.tv_nsec = 2000000};
    int out[2], error[2], fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    char in[65536];
    size_t got = 0;
    ssize_t k;
    pid_t pid;

    if (fd < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(error, O_CLOEXEC) < 0)
        err(1, "%s", file);
    pid = start(argv, out[1], error[1]);
    close(out[1]);
    close(error[1]);
    do {
        k = read(error[0], in + got, sizeof(in) - 1 - got);
        if (k <= 0)
            errx(1, "%s ended before it watched", argv[0]);
        got += (size_t)k;
        in[got] = '\0';
    } while (strstr(in, "Watches established.\n") == NULL);
    for (long i = 0; i < n; i++) {
        double from;

        nanosleep(&quiet, NULL);
        from = now();
        if (pwrite(fd, "x", 1, 0) != 1)
            err(1, "%s", file);
        do {
            k = read(out[0], in, sizeof(in));
            if (k <= 0)
                errx(1, "%s ended", argv[0]);
        } while (in[k - 1] != '\n');
        t[i] = now() - from;
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    long n = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
    double *t = calloc((size_t)n + 1, sizeof(*t));

    if (n < 1 || t == NULL)
        errx(1, "usage: clock latency N FILE COMMAND... | clock start N COMMAND...");
    if (strcmp(argv[1], "latency") == 0 && argc > 4) {
        latency(t, n, argv[3], argv + 4);
    } else {
        for (long i = 0; i < n; i++) {
            double from = now();

            waitpid(start(argv + 3, -1, -1), NULL, 0);
            t[i] = now() - from;
        }
    }
    qsort(t, (size_t)n, sizeof(*t), by_size);
    printf("%.1f %.1f\n", t[n / 2], t[n * 99 / 100]);
    return 0;
}
