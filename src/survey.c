/*
 * survey.c - see survey.h.
 *
 * An instance is a descriptor whose link in /proc/PID/fd says so, and each watch of it is a line of
 * /proc/PID/fdinfo/FD (proc(5)). An instance that several processes have open, after fork(2), shows
 * in each of them: nothing there tells that it is the same.
 */
#include "config.h"

#include "survey.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inotify.h"
#include "visible.h"

#define KERNEL_THREAD 0x00200000 /* PF_KTHREAD in the flags of /proc/PID/stat: it opens nothing */

struct user {
    uid_t uid;
    size_t instances, watches;
    char *name;
};

struct process {
    long pid;
    uid_t uid;
    size_t instances, watches;
    char *name;
};

struct survey {
    struct process *processes;
    size_t nprocesses;
    struct user *users;
    size_t nusers;
    size_t unseen; /* processes that may not be looked at */
};

static const char *const limits[][2] = {
    { "max_user_instances", "programs that watch, each user" },
    { "max_user_watches", "files and directories that are watched, each user" },
    { "max_queued_events", "events that wait to be read, each program" },
};

#define NLIMITS (sizeof(limits) / sizeof(limits[0]))

static void *need(void *p)
{
    if (p == NULL)
        err(1, "out of memory");
    return p;
}

/* Looking. */

/* The lines of /proc/PID/fdinfo/FD, opened at its directory, that stand for a watch each. */
static size_t count_watches(int infos, const char *fd)
{
    int in = openat(infos, fd, O_RDONLY | O_CLOEXEC);
    FILE *fp = in < 0 ? NULL : fdopen(in, "r");
    char *line = NULL;
    size_t room = 0, n = 0;

    if (fp == NULL) {
        if (in >= 0)
            close(in);
        return 0;
    }
    while (getline(&line, &room, fp) > 0)
        n += strncmp(line, "inotify ", 8) == 0;
    free(line);
    fclose(fp);
    return n;
}

/* Adds up what it has open. False: it may not be looked at. */
static bool count_instances(int proc, struct process *p)
{
    int fds = openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int infos = openat(proc, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fds < 0 || infos < 0 ? NULL : fdopendir(fds);
    const struct dirent *d;
    bool seen = dir != NULL || (errno != EACCES && errno != EPERM);

    while (dir != NULL && (d = readdir(dir)) != NULL) {
        char link[64];
        ssize_t len = readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);

        link[len > 0 ? len : 0] = '\0';
        /* Before Linux 2.6.33 it had no "anon_inode:" in front. */
        if (strcmp(link, "anon_inode:inotify") == 0 || strcmp(link, "inotify") == 0) {
            p->instances++;
            p->watches += count_watches(infos, d->d_name);
        }
    }
    if (dir != NULL)
        closedir(dir);
    else if (fds >= 0)
        close(fds);
    if (infos >= 0)
        close(infos);
    return seen;
}

static char *read_text(int proc, const char *file)
{
    int in = openat(proc, file, O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t n = in < 0 ? -1 : read(in, text, sizeof(text) - 1);

    if (in >= 0)
        close(in);
    text[n > 0 ? n : 0] = '\0';
    return need(strdup(text));
}

/* The real one, whom an instance is counted for. */
static uid_t user_of(const char *status)
{
    const char *at = strstr(status, "\nUid:");

    return at == NULL ? (uid_t)-1 : (uid_t)strtoul(at + 5, NULL, 10);
}

static bool is_kernel_thread(int proc)
{
    char *stat = read_text(proc, "stat");
    const char *at = strrchr(stat, ')'); /* the end of the name, which can hold anything */
    unsigned flags = 0;

    if (at != NULL)
        (void)sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %u", &flags);
    free(stat);
    return flags & KERNEL_THREAD;
}

static char *name_of(int proc)
{
    char *comm = read_text(proc, "comm"), *seen;
    size_t len = strlen(comm);

    if (len > 0 && comm[len - 1] == '\n') /* ours to take off; others can be part of the name */
        comm[len - 1] = '\0';
    seen = visible(comm);
    free(comm);
    return seen;
}

static void look_at(struct survey *s, int proc, long pid)
{
    struct process p = { .pid = pid };
    char *status;

    if (!count_instances(proc, &p))
        s->unseen += !is_kernel_thread(proc);
    if (p.instances == 0)
        return;
    status = read_text(proc, "status");
    p.uid = user_of(status);
    p.name = name_of(proc);
    free(status);
    s->processes = need(reallocarray(s->processes, s->nprocesses + 1, sizeof(*s->processes)));
    s->processes[s->nprocesses++] = p;
}

static void look_around(struct survey *s)
{
    DIR *dir = opendir("/proc");
    const struct dirent *d;

    if (dir == NULL)
        err(1, "/proc");
    while ((d = readdir(dir)) != NULL) {
        int proc;

        if (!isdigit((unsigned char)d->d_name[0]))
            continue;
        proc = openat(dirfd(dir), d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (proc < 0)
            continue; /* it has ended */
        look_at(s, proc, strtol(d->d_name, NULL, 10));
        close(proc);
    }
    closedir(dir);
}

static char *user_name(uid_t uid)
{
    const struct passwd *pw = getpwuid(uid);
    char *name;

    if (pw != NULL)
        return visible(pw->pw_name);
    return need(asprintf(&name, "%u", (unsigned)uid) < 0 ? NULL : name);
}

/* Users who watch are few, so each is looked for in turn. */
static struct user *user_entry(struct survey *s, uid_t uid)
{
    struct user *u;

    for (size_t i = 0; i < s->nusers; i++)
        if (s->users[i].uid == uid)
            return &s->users[i];
    s->users = need(reallocarray(s->users, s->nusers + 1, sizeof(*s->users)));
    u = &s->users[s->nusers++];
    *u = (struct user){ .uid = uid, .name = user_name(uid) };
    return u;
}

/* The order: most watches first, then most instances. */
static int compare(size_t watches, size_t other_watches, size_t instances, size_t other_instances)
{
    if (watches != other_watches)
        return watches < other_watches ? 1 : -1;
    if (instances != other_instances)
        return instances < other_instances ? 1 : -1;
    return 0;
}

static int by_process(const void *a, const void *b)
{
    const struct process *p = a, *q = b;
    int order = compare(p->watches, q->watches, p->instances, q->instances);

    return order != 0 ? order : p->pid < q->pid ? -1 : p->pid > q->pid;
}

static int by_user(const void *a, const void *b)
{
    const struct user *p = a, *q = b;
    int order = compare(p->watches, q->watches, p->instances, q->instances);

    return order != 0 ? order : p->uid < q->uid ? -1 : p->uid > q->uid;
}

static void add_up(struct survey *s)
{
    for (size_t i = 0; i < s->nprocesses; i++) {
        struct user *u = user_entry(s, s->processes[i].uid);

        u->instances += s->processes[i].instances;
        u->watches += s->processes[i].watches;
    }
    if (s->nprocesses > 0)
        qsort(s->processes, s->nprocesses, sizeof(*s->processes), by_process);
    if (s->nusers > 0)
        qsort(s->users, s->nusers, sizeof(*s->users), by_user);
}

/* Telling. */

static void put_limits(FILE *to)
{
    fputs("Limits of inotify:\n", to);
    for (size_t i = 0; i < NLIMITS; i++) {
        long limit = inotify_limit(limits[i][0]);

        if (limit < 0)
            fprintf(to, "  %-20s %10s   cannot be read\n", limits[i][0], "?");
        else
            fprintf(to, "  %-20s %10ld   %s\n", limits[i][0], limit, limits[i][1]);
    }
}

static void put_users(const struct survey *s, FILE *to)
{
    fputs("\nIn use, by user:\n", to);
    if (s->nusers == 0)
        fputs("  nothing that can be seen\n", to);
    else
        fprintf(to, "  %-16s %9s %10s\n", "USER", "INSTANCES", "WATCHES");
    for (size_t i = 0; i < s->nusers; i++)
        fprintf(to, "  %-16s %9zu %10zu\n", s->users[i].name, s->users[i].instances,
                s->users[i].watches);
}

static void put_processes(const struct survey *s, FILE *to)
{
    if (s->nprocesses == 0)
        return;
    fprintf(to, "\nIn use, by process:\n  %10s %9s %9s  %-16s %s\n", "WATCHES", "INSTANCES", "PID",
            "USER", "PROGRAM");
    for (size_t i = 0; i < s->nprocesses; i++) {
        const struct process *p = &s->processes[i];
        const char *user = "?";

        for (size_t k = 0; k < s->nusers; k++)
            if (s->users[k].uid == p->uid)
                user = s->users[k].name;
        fprintf(to, "  %10zu %9zu %9ld  %-16s %s\n", p->watches, p->instances, p->pid, user,
                p->name);
    }
}

/* The first namespace has a fixed number (include/linux/proc_ns.h). */
static bool is_contained(void)
{
    char link[64];
    ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

    link[n > 0 ? n : 0] = '\0';
    return n > 0 && strcmp(link, "pid:[4026531836]") != 0;
}

static void put_unseen(const struct survey *s, FILE *to)
{
    bool hidden = access("/proc/1", F_OK) < 0; /* hidepid of proc(5) */

    if (s->unseen > 0 || hidden || is_contained())
        putc('\n', to);
    if (s->unseen > 0)
        fprintf(to, "Not seen: %zu process%s that this user may not look at%s.\n", s->unseen,
                s->unseen > 1 ? "es" : "", geteuid() != 0 ? ", but root may" : "");
    if (hidden)
        fputs("Not seen: processes of other users, which are hidden here.\n", to);
    if (is_contained())
        fputs("Not seen: processes outside of this container, which may share its limits.\n", to);
}

/* One that is raised by little is hit again soon. */
static long raised(const char *name)
{
    long limit = inotify_limit(name);

    return limit > 0 ? limit * 2 : 65536;
}

static void put_ways(FILE *to)
{
    fputs("\nTo raise them until the next boot, as root:\n", to);
    for (size_t i = 0; i < NLIMITS; i++)
        fprintf(to, "  sysctl %s=%ld\n", inotify_limit_name(limits[i][0]), raised(limits[i][0]));
    fputs("and for good:\n", to);
    for (size_t i = 0; i < NLIMITS; i++)
        fprintf(to, "  echo %s=%ld >>/etc/sysctl.d/60-inotify.conf\n",
                inotify_limit_name(limits[i][0]), raised(limits[i][0]));
    fputs("  sysctl --system\n", to);
}

void survey_print(FILE *to)
{
    struct survey s = { 0 };

    look_around(&s);
    add_up(&s);
    put_limits(to);
    put_users(&s, to);
    put_processes(&s, to);
    put_unseen(&s, to);
    put_ways(to);
    for (size_t i = 0; i < s.nprocesses; i++)
        free(s.processes[i].name);
    for (size_t i = 0; i < s.nusers; i++)
        free(s.users[i].name);
    free(s.processes);
    free(s.users);
}
