/*
 * options_run.h - options_parse in a child whose stdout and stderr are kept, for it prints.
 *
 * Owns: the child, and a way to write a command line and what it leads to as one string each.
 * Included by each unit test of the options; all in the header, so that it needs no build rule.
 */
#ifndef PYWATCH_OPTIONS_RUN_H
#define PYWATCH_OPTIONS_RUN_H

#include "options.h"
#include "tap.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS 24
#define WENT_ON 77 /* the child's status where options_parse returned -1 */

struct run {
    int status;
    char out[120000], err[4096];
};

/* argv from one string, split at blanks; "''" is an empty word, and '~' in a word a blank. */
static int split(char *line, char **argv)
{
    int n = 0;

    for (char *w = strtok(line, " "); w != NULL && n < ARGS - 1; w = strtok(NULL, " ")) {
        for (char *p = w; *p != '\0'; p++)
            if (*p == '~')
                *p = ' ';
        argv[n++] = strcmp(w, "''") == 0 ? w + 2 : w;
    }
    argv[n] = NULL;
    return n;
}

static void put_list(const char *what, const struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        printf("%s=%s ", what, l->v[i]);
}

/* What differs from the defaults, in a fixed order. */
static void put_options(const struct options *o)
{
    static const char *const formats[] = { "text", "printf", "csv", "json" };
    static const char *const whens[] = { "auto", "always", "never" };

    put_list("path", &o->paths);
    put_list("excluded", &o->excluded);
    if (o->events != 0)
        printf("events=%x ", o->events);
    if (o->flags != 0)
        printf("flags=%x ", o->flags);
    printf("%s%s", o->recursive ? "recursive " : "", o->one_file_system ? "one " : "");
    if (o->max_depth != -1)
        printf("depth=%d ", o->max_depth);
    for (size_t i = 0; i < o->nrules; i++)
        printf("%s%s=%s ", o->rules[i].include ? "include" : "exclude",
               o->rules[i].icase ? "i" : "", o->rules[i].pattern);
    put_list("ignore", &o->ignore);
    if (!o->type_files || !o->type_dirs)
        printf("type=%s%s ", o->type_files ? "f" : "", o->type_dirs ? "d" : "");
    if (o->monitor)
        printf("monitor ");
    if (o->settle_ns != 0)
        printf("settle=%" PRId64 " delay=%" PRId64 " ", o->settle_ns, o->max_delay_ns);
    printf("%s", o->join_moves ? "join " : "");
    put_list("tag", &o->tags);
    if (o->timeout_ns != 0)
        printf("timeout=%" PRId64 " ", o->timeout_ns);
    if (o->count != 0)
        printf("count=%" PRIu64 " ", o->count);
    if (o->format != FORMAT_TEXT)
        printf("format=%s ", formats[o->format]);
    if (o->spec != NULL)
        printf("spec=%s ", o->spec);
    if (o->timefmt != NULL)
        printf("timefmt=%s ", o->timefmt);
    printf("%s%s", o->null ? "null " : "", o->no_newline ? "no_newline " : "");
    if (o->colour != WHEN_AUTO)
        printf("color=%s ", whens[o->colour]);
    if (o->pidfile != NULL)
        printf("pidfile=%s ", o->pidfile);
    if (o->outfile != NULL)
        printf("outfile=%s ", o->outfile);
    if (o->buffer != (size_t)256 << 20)
        printf("buffer=%zu ", o->buffer);
    if (o->quiet != 0)
        printf("quiet=%d ", o->quiet);
    if (o->syslog)
        printf("syslog ");
    if (o->verbose != 0)
        printf("verbose=%d ", o->verbose);
    if (o->as_inotifywait)
        printf("classic ");
}

static void slurp(int fd, char *into, size_t room)
{
    ssize_t n = pread(fd, into, room - 1, 0);

    if (n < 0)
        err(1, "pread");
    into[n] = '\0';
    close(fd);
}

static void child(int argc, char **argv, const char *input, size_t len)
{
    struct options o;
    int status, in = memfd_create("in", 0);

    if (in < 0 || pwrite(in, input, len, 0) < 0 || dup2(in, 0) < 0)
        err(1, "stdin");
    status = options_parse(argc, argv, &o);
    if (status == -1) {
        status = WENT_ON;
        put_options(&o);
    }
    options_free(&o);
    fflush(stdout);
    _exit(status);
}

static struct run run_input(const char *line, const char *input, size_t len)
{
    struct run r = { .status = -1 };
    char *copy = strdup(line), *argv[ARGS];
    int argc = split(copy, argv), status;
    int out = memfd_create("out", 0), errors = memfd_create("err", 0);
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(out, 1);
        dup2(errors, 2);
        child(argc, argv, input, len);
    }
    if (pid < 0 || out < 0 || errors < 0 || waitpid(pid, &status, 0) != pid)
        err(1, "child");
    if (WIFEXITED(status))
        r.status = WEXITSTATUS(status);
    slurp(out, r.out, sizeof(r.out));
    slurp(errors, r.err, sizeof(r.err));
    free(copy);
    return r;
}

static struct run run(const char *line)
{
    return run_input(line, "", 0);
}

/* A command line as the name of a test: TAP takes one line, and no control characters. */
static const char *shown(const char *line)
{
    static char text[200];

    snprintf(text, sizeof(text), "%s", line);
    for (char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
            *p = '?';
    return text;
}

/* A command line that is accepted, and what it leads to beyond the defaults. */
static void good(const char *line, const char *want)
{
    struct run r = run(line);
    size_t len = strlen(r.out);

    if (len > 0 && r.out[len - 1] == ' ')
        r.out[len - 1] = '\0';
    ok(r.status == WENT_ON && strcmp(r.out, want) == 0 && *r.err == '\0', "%s", shown(line));
    if (r.status != WENT_ON || strcmp(r.out, want) != 0 || *r.err != '\0')
        printf("# %d '%s' instead of '%s'; stderr: %s\n", r.status, r.out, want, r.err);
}

/* A mistake: status 1, nothing on stdout, exactly this on stderr. */
static void bad(const char *line, const char *want)
{
    struct run r = run(line);
    size_t len = strlen(r.err);
    bool right = r.status == 1 && *r.out == '\0' && len > 0 && r.err[len - 1] == '\n';

    if (len > 0)
        r.err[len - 1] = '\0';
    ok(right && strcmp(r.err, want) == 0, "%s", shown(line));
    if (!right || strcmp(r.err, want) != 0)
        printf("# %d '%s', stdout '%s'\n", r.status, r.err, r.out);
}

#endif
