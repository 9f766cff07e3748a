/*
 * storm_drive.c - a storm of file operations by several processes; see tests/storm/run.
 *
 * Owns: the processes, the time, and the two small services that a script needs around a storm: a
 * probe file in every directory, and waiting until a file holds a certain text.
 *
 *   storm_drive --root DIR --outside DIR --seconds S|--ops N [--procs P] [--seed N] [--pace USEC]
 *   storm_drive --probe NAME --root DIR
 *   storm_drive --await TEXT --in FILE [--seconds S] [--pid PID]
 */
#include "config.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

struct plan {
    const char *root, *outside, *probe, *await, *in;
    double seconds;
    long long ops, procs, pace, seed, limit, pid;
};

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int open_dir(const char *path)
{
    int fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        err(2, "%s", path);
    return fd;
}

/* The processes take their part of --ops each, or all the time there is. */
static void one_process(const struct plan *p, struct storm *s, unsigned nth)
{
    double end = now() + p->seconds, count_at = 0;
    long long left = p->ops / p->procs;

    storm_init(s, (uint64_t)p->seed * 1000 + nth);
    while (p->ops > 0 ? left-- > 0 : now() < end) {
        if (nth == 0 && now() >= count_at) {
            *s->entries = storm_count(s->root, ".") + storm_count(s->outside, ".");
            count_at = now() + 0.02;
        }
        storm_step(s);
        if (p->pace > 0)
            usleep((useconds_t)p->pace);
    }
    storm_finish(s);
}

static int drive(const struct plan *p)
{
    size_t size = sizeof(unsigned) * 2 + sizeof(struct tally) * storm_ops();
    char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct storm s = { .limit = (unsigned)p->limit };
    int status, failed = 0;
    sigset_t none;

    if (shared == MAP_FAILED)
        err(2, "mmap");
    s.entries = (unsigned *)(void *)shared;
    s.tally = (struct tally *)(void *)(shared + sizeof(unsigned) * 2);
    s.root = open_dir(p->root);
    s.outside = open_dir(p->outside);
    sigemptyset(&none);
    for (unsigned i = 0; i < (unsigned)p->procs; i++) {
        pid_t pid = fork();

        if (pid < 0)
            err(2, "fork");
        if (pid == 0) {
            one_process(p, &s, i);
            _exit(0);
        }
    }
    fprintf(stderr, "storm: running\n");
    while (wait(&status) > 0)
        failed |= status != 0;
    storm_print(&s, stdout);
    return failed ? 2 : 0;
}

/* Makes a file of that name in the directory and in every one below it. */
static unsigned probe(int at, const char *path, const char *probe_name)
{
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), file;
    const struct dirent *d;
    unsigned n = 0;
    DIR *list;

    if (fd < 0 || (list = fdopendir(fd)) == NULL)
        err(2, "%s", path);
    while ((d = readdir(list)) != NULL)
        if (d->d_type == DT_DIR && strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            n += probe(fd, d->d_name, probe_name);
    file = openat(fd, probe_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        err(2, "%s/%s", path, probe_name);
    close(file);
    closedir(list);
    return n + 1;
}

/* Reads on from where the last look ended; text that lies across two reads is found as well. */
static bool appears(int fd, const char *text)
{
    static char window[1 << 16];
    static size_t have;
    size_t keep = strlen(text) - 1;
    ssize_t got;

    while ((got = read(fd, window + have, sizeof(window) - have)) > 0) {
        have += (size_t)got;
        if (memmem(window, have, text, strlen(text)) != NULL)
            return true;
        if (have > keep) {
            memmove(window, window + have - keep, keep);
            have = keep;
        }
    }
    return false;
}

static int await(const struct plan *p)
{
    double end = now() + p->seconds;
    int fd = open(p->in, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        err(2, "%s", p->in);
    while (!appears(fd, p->await)) {
        if (now() > end) {
            fprintf(stderr, "storm_drive: no \"%s\" in %s within %g s\n", p->await, p->in,
                    p->seconds);
            return 1;
        }
        if (p->pid > 0 && kill((pid_t)p->pid, 0) < 0) {
            fprintf(stderr, "storm_drive: process %lld has ended\n", p->pid);
            return 1;
        }
        usleep(2000);
    }
    return 0;
}

static long long number(const char *option, const char *value, long long least)
{
    char *end;
    long long n = strtoll(value, &end, 10);

    if (*end != '\0' || end == value || n < least)
        errx(2, "--%s %s: not a number from %lld on", option, value, least);
    return n;
}

static void parse(int argc, char **argv, struct plan *p)
{
    static const struct option options[] = {
        { "root", 1, NULL, 'r' },    { "outside", 1, NULL, 'o' }, { "seconds", 1, NULL, 's' },
        { "ops", 1, NULL, 'n' },     { "procs", 1, NULL, 'p' },   { "seed", 1, NULL, 'e' },
        { "pace", 1, NULL, 'u' },    { "limit", 1, NULL, 'l' },   { "probe", 1, NULL, 'b' },
        { "await", 1, NULL, 'a' },   { "in", 1, NULL, 'i' },      { "pid", 1, NULL, 'd' },
        { NULL, 0, NULL, 0 }
    };
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (c) {
        case 'r': p->root = optarg; break;
        case 'o': p->outside = optarg; break;
        case 's': p->seconds = strtod(optarg, NULL); break;
        case 'n': p->ops = number("ops", optarg, 1); break;
        case 'p': p->procs = number("procs", optarg, 1); break;
        case 'e': p->seed = number("seed", optarg, 0); break;
        case 'u': p->pace = number("pace", optarg, 0); break;
        case 'l': p->limit = number("limit", optarg, 1); break;
        case 'b': p->probe = optarg; break;
        case 'a': p->await = optarg; break;
        case 'i': p->in = optarg; break;
        case 'd': p->pid = number("pid", optarg, 1); break;
        default: exit(2);
        }
}

int main(int argc, char **argv)
{
    struct plan p = { .procs = 4, .seed = 1, .limit = 2000, .seconds = 5 };

    parse(argc, argv, &p);
    if (p.await != NULL && *p.await != '\0' && p.in != NULL)
        return await(&p);
    if (p.root == NULL)
        errx(2, "--root is missing");
    if (p.probe != NULL) {
        printf("%u probes\n", probe(open_dir(p.root), ".", p.probe));
        return 0;
    }
    if (p.outside == NULL)
        errx(2, "--outside is missing");
    return drive(&p);
}
