/*
 * filter.c - keep a record or drop it.
 *
 * Owns: the compiled expressions and one buffer in which the path of a record is put together.
 * Must not know: the tree, formats, options. The cheap tests come first, and the path is only put
 * together where there is an expression or a glob to hold it against.
 */
#include "config.h"

#include "filter.h"

#include <err.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "literal.h"
#include "visible.h"

struct rule {
    regex_t re;
    bool include;
    char *literal; /* bytes that each match holds; none with an ...i form, for cases differ */
    size_t nliteral;
};

struct filter {
    struct rule *rules;
    size_t nrules;
    size_t nincludes;
    char **globs;
    size_t nglobs;
    char **left_out; /* in order */
    size_t nleft_out;
    uint32_t events;
    bool files, dirs;
    bool bits_only; /* there is nothing else to be held against */
    struct buf path; /* watch, name, NUL; kept between calls so that it settles at a size */
};

static void *need(void *p)
{
    if (p == NULL)
        err(1, "out of memory for the filters");
    return p;
}

static const char *rule_option(const struct filter_rule *r)
{
    if (r->include)
        return r->icase ? "--includei" : "--include";
    return r->icase ? "--excludei" : "--exclude";
}

/* The line that filter_new hands out. Static, so that it outlives the filter that never was. */
static const char *rule_error(const struct filter_rule *r, int code)
{
    static char *line;
    char fault[128], *seen = visible(r->pattern);

    regerror(code, NULL, fault, sizeof(fault));
    free(line);
    if (asprintf(&line, "%s: '%s' is not a regular expression (%s); accepted: POSIX extended ones",
                 rule_option(r), seen, fault) < 0)
        err(1, "out of memory for a message");
    free(seen);
    return line;
}

static int add_rule(struct filter *f, const struct filter_rule *r)
{
    struct rule *slot = &f->rules[f->nrules];
    const int flags = REG_EXTENDED | REG_NOSUB | (r->icase ? REG_ICASE : 0);
    int code = regcomp(&slot->re, r->pattern, flags);

    if (code != 0)
        return code;
    slot->include = r->include;
    slot->literal = r->icase ? NULL : literal_of(r->pattern, &slot->nliteral);
    f->nrules++;
    f->nincludes += r->include;
    return 0;
}

static int in_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct filter *filter_new(const struct filter_config *cfg, const char **error)
{
    struct filter *f = need(calloc(1, sizeof(*f)));

    f->events = cfg->events;
    f->files = cfg->files;
    f->dirs = cfg->dirs;
    f->rules = need(calloc(cfg->nrules + 1, sizeof(*f->rules)));
    f->globs = need(calloc(cfg->nglobs + 1, sizeof(*f->globs)));
    for (size_t i = 0; i < cfg->nrules; i++) {
        int code = add_rule(f, &cfg->rules[i]);

        if (code != 0) {
            *error = rule_error(&cfg->rules[i], code);
            filter_free(f);
            return NULL;
        }
    }
    for (; f->nglobs < cfg->nglobs; f->nglobs++)
        f->globs[f->nglobs] = need(strdup(cfg->globs[f->nglobs]));
    f->left_out = need(calloc(cfg->nleft_out + 1, sizeof(*f->left_out)));
    for (; f->nleft_out < cfg->nleft_out; f->nleft_out++)
        f->left_out[f->nleft_out] = need(strdup(cfg->left_out[f->nleft_out]));
    f->bits_only = f->files && f->dirs && f->nrules == 0 && f->nglobs == 0 && f->nleft_out == 0;
    qsort(f->left_out, f->nleft_out, sizeof(*f->left_out), in_order);
    return f;
}

void filter_free(struct filter *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->nrules; i++) {
        regfree(&f->rules[i].re);
        free(f->rules[i].literal);
    }
    for (size_t i = 0; i < f->nglobs; i++)
        free(f->globs[i]);
    for (size_t i = 0; i < f->nleft_out; i++)
        free(f->left_out[i]);
    free(f->left_out);
    free(f->rules);
    free(f->globs);
    buf_free(&f->path);
    free(f);
}

bool filter_ignored(struct filter *f, const char *name)
{
    for (size_t i = 0; i < f->nglobs; i++)
        if (fnmatch(f->globs[i], name, 0) == 0)
            return true;
    return false;
}

/* DELETE_SELF of a directory comes without ISDIR: the slash at the end of the watch tells it. */
static bool about_dir(const struct event *ev)
{
    if ((ev->mask & IN_ISDIR) != 0)
        return true;
    return ev->name.len == 0 && ev->watch.len > 0 && ev->watch.s[ev->watch.len - 1] == '/';
}

/* What expressions are held against: the same bytes that "%w%f" prints. */
static const char *path_of(struct filter *f, const struct event *ev)
{
    f->path.len = 0;
    buf_put(&f->path, ev->watch.s, ev->watch.len);
    buf_put(&f->path, ev->name.s, ev->name.len);
    buf_putc(&f->path, '\0');
    return f->path.data;
}

/* The search first: it says no in 0.07 us, for which regexec(3) takes 0.2 to 0.3. */
static bool matches(const struct rule *r, const char *path, size_t n)
{
    if (r->nliteral > 0 && memmem(path, n, r->literal, r->nliteral) == NULL)
        return false;
    return regexec(&r->re, path, 0, NULL, 0) == 0;
}

/* NULL: no expression has anything against the path. */
static const char *against(struct filter *f, const char *path)
{
    const size_t n = f->path.len - 1;
    bool included = f->nincludes == 0;

    for (size_t i = 0; i < f->nrules; i++) {
        const struct rule *r = &f->rules[i];

        /* One --include that matches is enough: the rest need not be tried. */
        if (r->include && included)
            continue;
        if (!matches(r, path, n))
            continue;
        if (!r->include)
            return "matches --exclude";
        included = true;
    }
    return included ? NULL : "matches no --include";
}

/* What has to do with more than bits. */
static const char *reason(struct filter *f, const struct event *ev)
{
    const char *path;

    if ((ev->mask & IN_Q_OVERFLOW) != 0)
        return NULL;
    if (!(f->files && f->dirs) && !(about_dir(ev) ? f->dirs : f->files))
        return "not of a kind that --type names";
    if (f->nrules == 0 && f->nglobs == 0 && f->nleft_out == 0)
        return NULL;
    path = path_of(f, ev);
    /* A file that is watched itself, by its own name, was asked for all the same. */
    if (ev->name.len > 0 && (ev->mask & IN_ISDIR) == 0 &&
        bsearch(&path, f->left_out, f->nleft_out, sizeof(*f->left_out), in_order) != NULL)
        return "left out by @PATH";
    if (ev->name.len > 0 && filter_ignored(f, path + ev->watch.len))
        return "matches --ignore";
    return against(f, path);
}

bool filter_keep(struct filter *f, const struct event *ev, const char **why)
{
    const char *because;

    /* ISDIR tells more about an event and is none: "-e CREATE,ISDIR" must not let OPEN,ISDIR by. */
    if ((ev->mask & (ev->asked != 0 ? ev->asked : f->events) & ~(uint32_t)IN_ISDIR) == 0)
        because = "not asked for by --event";
    else if (f->bits_only)
        return true;
    else
        because = reason(f, ev);
    if (because == NULL)
        return true;
    if (why != NULL)
        *why = because;
    return false;
}
