/*
 * storm_check.c - the oracle of the storm: replays pywatch's records and compares with the disk.
 *
 *   storm_check --list ROOT                          writes the first listing to stdout
 *   storm_check --root ROOT [--first LISTING] --records FILE [--prefix PATH] [--probe NAME]...
 *               [--lossy] [--most N]
 *
 * Owns: what each record means for the model. A record that contradicts the model is a fault, and
 * so is every difference between model and disk at the end. The status is 0 where there is none, 1
 * where there is, 2 where the check could not be made.
 */
#include "config.h"

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm_list.h"
#include "storm_model.h"

#define PROBES 8
#define HISTORY 15

struct away {
    uint32_t cookie;
    struct entry *e; /* NULL: what the model did not know */
    struct text path;
};

struct check {
    struct model *model;
    struct record *records;
    size_t n, cap;
    struct away *away; /* MOVED_FROM without its MOVED_TO so far; the latest last */
    size_t naway, away_cap;
    size_t second; /* the record that is the second of an exchange; 0: none so far */
    struct text prefix;
    const char *root, *first, *records_file, *probe[PROBES];
    unsigned nprobes;
    /* Files may be wrong after a Q_OVERFLOW: pywatch ran without --snapshot. */
    bool lossy, overflow;
    unsigned faults, most;
    unsigned created, synthetic, deleted, moved, left, arrived, closed;
};

static void *grow(void *p, size_t *cap, size_t size)
{
    *cap = *cap > 0 ? *cap * 2 : 256;
    if ((p = realloc(p, *cap * size)) == NULL)
        err(2, "malloc");
    return p;
}

static bool same(struct text a, struct text b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* Whether the record is about the path or a directory above it. */
static bool is_about(const struct record *r, struct text path)
{
    const struct text about[] = { r->path, r->from };

    for (int i = 0; i < 2; i++) {
        struct text t = about[i];

        if (t.len > 0 && t.len <= path.len && memcmp(t.s, path.s, t.len) == 0 &&
            (t.len == path.len || path.s[t.len] == '/'))
            return true;
    }
    return (r->events & IN_Q_OVERFLOW) != 0;
}

/* The last records before `at` that tell how it came to this. */
static void print_history(const struct check *c, struct text path, size_t at)
{
    size_t found[HISTORY], n = 0;

    for (size_t i = at < c->n ? at + 1 : c->n; i > 0 && n < HISTORY; i--)
        if (is_about(&c->records[i - 1], path))
            found[n++] = i - 1;
    while (n > 0) {
        const struct text *line = &c->records[found[--n]].line;

        printf("    %.*s\n", (int)line->len, line->s);
    }
}

static void print_text(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.s[i] < 0x20 || (unsigned char)t.s[i] >= 0x7f)
            printf("\\x%02x", (unsigned char)t.s[i]);
        else
            putchar(t.s[i]);
}

static void fault(struct check *c, struct text path, size_t at, const char *what)
{
    if (c->faults++ >= c->most)
        return;
    printf("FAULT %s: ", what);
    print_text(path);
    if (at < c->n)
        printf(" at seq %llu", (unsigned long long)c->records[at].seq);
    putchar('\n');
    print_history(c, path, at);
}

/* The path below the root; false where the record is about the root itself or lies elsewhere. */
static bool below_root(const struct check *c, struct text path, struct text *below)
{
    size_t n = c->prefix.len;

    if (path.len <= n + 1 || memcmp(path.s, c->prefix.s, n) != 0 || path.s[n] != '/')
        return false;
    *below = (struct text){ path.s + n + 1, path.len - n - 1 };
    return true;
}

static bool forgiven(const struct check *c, bool dir)
{
    return c->lossy && c->overflow && !dir;
}

static void on_create(struct check *c, const struct record *r, struct text path, size_t at)
{
    bool dir = r->events & IN_ISDIR;
    struct entry *e = model_find(c->model, path);

    c->created++;
    c->synthetic += r->synthetic;
    if (e != NULL) {
        if (!forgiven(c, entry_is_dir(e)))
            fault(c, r->path, at, "CREATE of what is there");
        model_detach(c->model, e);
    }
    if (model_add(c->model, path, dir) == NULL)
        fault(c, r->path, at, "CREATE in a directory that is not there");
}

static struct entry *on_leave(struct check *c, const struct record *r, struct text path, size_t at,
                              const char *unknown, const char *kind)
{
    bool dir = r->events & IN_ISDIR;
    struct entry *e = model_find(c->model, path);

    if (e == NULL) {
        if (!forgiven(c, dir))
            fault(c, r->path, at, unknown);
        return NULL;
    }
    if (entry_is_dir(e) != dir && !forgiven(c, entry_is_dir(e)))
        fault(c, r->path, at, kind);
    model_detach(c->model, e);
    return e;
}

static void on_delete(struct check *c, const struct record *r, struct text path, size_t at)
{
    struct entry *e = on_leave(c, r, path, at, "DELETE of what is not there",
                               "DELETE of another kind of thing");

    c->deleted++;
    if (e != NULL && entry_children(e) > 0 && !(c->lossy && c->overflow) && !r->synthetic)
        fault(c, r->path, at, "DELETE of a directory that is not empty");
}

static void on_moved_from(struct check *c, const struct record *r, struct text path, size_t at)
{
    struct entry *e = on_leave(c, r, path, at, "MOVED_FROM of what is not there",
                               "MOVED_FROM of another kind of thing");

    if (c->naway == c->away_cap)
        c->away = grow(c->away, &c->away_cap, sizeof(*c->away));
    c->away[c->naway++] = (struct away){ r->cookie, e, r->path };
    c->left++;
}

static void on_moved_to(struct check *c, const struct record *r, struct text path, size_t at)
{
    struct entry *there = model_find(c->model, path), *e = NULL;
    bool dir = r->events & IN_ISDIR;
    size_t i = c->naway;

    if (there != NULL) {
        if (!forgiven(c, entry_is_dir(there)) &&
            (entry_is_dir(there) != dir || entry_children(there) > 0))
            fault(c, r->path, at, "MOVED_TO over what cannot be replaced");
        model_detach(c->model, there);
    }
    while (i > 0 && c->away[i - 1].cookie != r->cookie)
        i--;
    if (i > 0) {
        e = c->away[i - 1].e;
        if (!same(c->away[i - 1].path, r->from))
            fault(c, r->path, at, "\"from\" is not where its MOVED_FROM was");
        c->away[i - 1] = c->away[--c->naway];
        c->left--;
        c->moved++;
    } else {
        if (r->from.len > 0)
            fault(c, r->path, at, "\"from\" without a MOVED_FROM");
        c->arrived++;
    }
    if (!(e != NULL ? model_attach(c->model, e, path) : model_add(c->model, path, dir) != NULL))
        fault(c, r->path, at, "MOVED_TO in a directory that is not there");
}

/* A joined rename leaves, as if its first half were told of. */
static void on_joined_leaves(struct check *c, size_t at)
{
    struct record from = c->records[at];
    struct text path;

    from.path = from.from;
    if (below_root(c, from.path, &path))
        on_moved_from(c, &from, path, at);
    else
        fault(c, from.path, at, "a MOVE from what is not below the root");
}

/* Of an exchange, both leave before either arrives. */
static void on_joined(struct check *c, struct text path, size_t at)
{
    const struct record *r = &c->records[at], *other;

    if (!r->exchanged) {
        on_joined_leaves(c, at);
    } else if (at == 0 || c->second != at) {
        /* One exchange may follow another of the same name: which half this is, the first tells. */
        other = at + 1 < c->n ? &c->records[at + 1] : NULL;
        if (other == NULL || !other->exchanged || !same(other->path, r->from) ||
            !same(other->from, r->path)) {
            fault(c, r->path, at, "half an exchange");
            return;
        }
        c->second = at + 1;
        on_joined_leaves(c, at);
        on_joined_leaves(c, at + 1);
    }
    on_moved_to(c, r, path, at);
}

static void replay(struct check *c, size_t at)
{
    const struct record *r = &c->records[at];
    struct text path;

    if (r->events & IN_Q_OVERFLOW) {
        c->overflow = true;
        return;
    }
    if (r->has_name && (r->watch.len + r->name.len != r->path.len ||
                        memcmp(r->path.s, r->watch.s, r->watch.len) != 0 ||
                        memcmp(r->path.s + r->watch.len, r->name.s, r->name.len) != 0))
        fault(c, r->path, at, "path is not watch and name");
    if (!below_root(c, r->path, &path)) {
        fault(c, r->path, at, "a record about what is not below the root");
        return;
    }
    if (r->events & IN_CREATE)
        on_create(c, r, path, at);
    else if (r->events & IN_DELETE)
        on_delete(c, r, path, at);
    else if ((r->events & IN_MOVE) == IN_MOVE)
        on_joined(c, path, at);
    else if (r->events & IN_MOVED_FROM)
        on_moved_from(c, r, path, at);
    else if (r->events & IN_MOVED_TO)
        on_moved_to(c, r, path, at);
    else if (r->events & IN_CLOSE_WRITE)
        c->closed++;
}

static void read_records(struct check *c)
{
    int fd = open(c->records_file, O_RDONLY | O_CLOEXEC);
    const char *p, *end, *line;
    uint64_t seq = 0;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        err(2, "%s", c->records_file);
    if (st.st_size == 0)
        return;
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        err(2, "%s", c->records_file);
    close(fd);
    for (end = p + st.st_size; p < end; p = line + 1) {
        struct record *r;
        const char *wrong;

        if ((line = memchr(p, '\n', (size_t)(end - p))) == NULL)
            line = end;
        if (c->n == c->cap)
            c->records = grow(c->records, &c->cap, sizeof(*c->records));
        r = &c->records[c->n];
        if ((wrong = record_parse(p, (size_t)(line - p), r)) != NULL || line == end)
            fault(c, r->line, c->n, wrong != NULL ? wrong : "the last line has no end");
        else if (r->seq != ++seq)
            fault(c, r->line, c->n, "a gap in seq");
        seq = r->seq;
        c->n += r->is_event;
    }
}

static void add_first(void *arg, struct text path, bool dir)
{
    struct check *c = arg;

    if (model_add(c->model, path, dir) == NULL)
        errx(2, "the first listing is in disorder");
}

static struct text full_path(const struct check *c, struct text path)
{
    static char *full;

    if ((full = realloc(full, c->prefix.len + path.len + 2)) == NULL)
        err(2, "malloc");
    memcpy(full, c->prefix.s, c->prefix.len);
    full[c->prefix.len] = '/';
    if (path.len > 0)
        memcpy(full + c->prefix.len + 1, path.s, path.len);
    return (struct text){ full, c->prefix.len + 1 + path.len };
}

/* Marks what is on disk by adding to a second model, to be compared with the first. */
struct comparison {
    struct check *c;
    struct model *disk;
};

static void compare_disk(void *arg, struct text path, bool dir)
{
    struct comparison *x = arg;
    struct entry *e = model_find(x->c->model, path);

    (void)model_add(x->disk, path, dir);
    if (e == NULL) {
        if (!forgiven(x->c, dir))
            fault(x->c, full_path(x->c, path), x->c->n, "on disk, but not by the records");
    } else if (entry_is_dir(e) != dir) {
        fault(x->c, full_path(x->c, path), x->c->n, "another kind of thing on disk");
    }
}

static void compare_model(void *arg, struct text path, bool dir)
{
    struct comparison *x = arg;

    if (model_find(x->disk, path) == NULL && !forgiven(x->c, dir))
        fault(x->c, full_path(x->c, path), x->c->n, "by the records, but not on disk");
}

/* A probe in each directory: one CREATE and one CLOSE_WRITE, and nothing else. */
struct probing {
    struct check *c;
    const char *name;
};

struct tally {
    struct text path;
    unsigned created, closed;
};

static int by_path(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    size_t n = x->path.len < y->path.len ? x->path.len : y->path.len;
    int d = memcmp(x->path.s, y->path.s, n);

    return d != 0 ? d : x->path.len < y->path.len ? -1 : x->path.len > y->path.len;
}

static struct tally *tallies;
static size_t ntallies, tally_cap;

static void expect_probe(void *arg, struct text path, bool dir)
{
    struct probing *p = arg;
    size_t len = strlen(p->name);
    struct text full;
    char *copy;

    if (dir || path.len < len || memcmp(path.s + path.len - len, p->name, len) != 0 ||
        (path.len > len && path.s[path.len - len - 1] != '/'))
        return;
    full = full_path(p->c, path);
    if ((copy = malloc(full.len)) == NULL)
        err(2, "malloc");
    memcpy(copy, full.s, full.len);
    if (ntallies == tally_cap)
        tallies = grow(tallies, &tally_cap, sizeof(*tallies));
    tallies[ntallies++] = (struct tally){ { copy, full.len }, 0, 0 };
}

static void check_probe(struct check *c, const char *name)
{
    struct probing p = { c, name };
    size_t len = strlen(name);

    ntallies = 0;
    list_disk(c->root, expect_probe, &p);
    qsort(tallies, ntallies, sizeof(*tallies), by_path);
    for (size_t i = 0; i < c->n; i++) {
        const struct record *r = &c->records[i];
        struct tally key = { r->path, 0, 0 }, *t;

        if (r->name.len != len || memcmp(r->name.s, name, len) != 0)
            continue;
        t = bsearch(&key, tallies, ntallies, sizeof(*tallies), by_path);
        if (t == NULL) {
            fault(c, r->path, i, "a probe under a path that it does not have");
            continue;
        }
        t->created += (r->events & IN_CREATE) != 0;
        t->closed += (r->events & IN_CLOSE_WRITE) != 0;
    }
    for (size_t i = 0; i < ntallies; i++) {
        if (tallies[i].created != 1)
            fault(c, tallies[i].path, c->n, "a probe was not created once");
        if (tallies[i].closed != 1 && !(c->lossy && c->overflow))
            fault(c, tallies[i].path, c->n, "a probe was not closed once");
    }
    if (ntallies == 0)
        errx(2, "no file %s on disk", name);
}

static void parse(int argc, char **argv, struct check *c)
{
    static const struct option options[] = {
        { "list", 1, NULL, 'l' },  { "root", 1, NULL, 'r' },  { "first", 1, NULL, 'f' },
        { "records", 1, NULL, 'c' }, { "prefix", 1, NULL, 'p' }, { "probe", 1, NULL, 'b' },
        { "lossy", 0, NULL, 'y' }, { "most", 1, NULL, 'm' },  { NULL, 0, NULL, 0 }
    };
    int o;

    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (o) {
        case 'l': list_write(optarg, stdout); exit(fflush(stdout) == 0 ? 0 : 2);
        case 'r': c->root = optarg; break;
        case 'f': c->first = optarg; break;
        case 'c': c->records_file = optarg; break;
        case 'p': c->prefix = (struct text){ optarg, strlen(optarg) }; break;
        case 'b':
            if (c->nprobes == PROBES)
                errx(2, "too many --probe");
            c->probe[c->nprobes++] = optarg;
            break;
        case 'y': c->lossy = true; break;
        case 'm': c->most = (unsigned)strtoul(optarg, NULL, 10); break;
        default: exit(2);
        }
    if (c->root == NULL || c->records_file == NULL)
        errx(2, "--root and --records are needed");
    if (c->prefix.len == 0)
        c->prefix = (struct text){ c->root, strlen(c->root) };
}

int main(int argc, char **argv)
{
    struct check c = { .most = 10 };
    struct comparison x = { .c = &c };

    parse(argc, argv, &c);
    c.model = model_new();
    if (c.first != NULL)
        list_read(c.first, add_first, &c);
    read_records(&c);
    for (size_t i = 0; i < c.n; i++)
        replay(&c, i);
    x.disk = model_new();
    list_disk(c.root, compare_disk, &x);
    model_each(c.model, compare_model, &x);
    for (unsigned i = 0; i < c.nprobes; i++)
        check_probe(&c, c.probe[i]);
    printf("%zu records: %u created (%u synthetic), %u deleted, %u moved, %u left, %u arrived, "
           "%u closed%s; %u faults\n",
           c.n, c.created, c.synthetic, c.deleted, c.moved, c.left, c.arrived, c.closed,
           c.overflow ? ", overflow" : "", c.faults);
    if (fflush(stdout) != 0)
        err(2, "stdout");
    /* Nothing was freed, on purpose: a leak checker is not asked. */
    _exit(c.faults > 0);
}
