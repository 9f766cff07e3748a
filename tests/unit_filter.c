/*
 * unit_filter.c - which records are kept, and why the others are not.
 */
#include "config.h"

#include "filter.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct event event(uint32_t mask, const char *watch, const char *name)
{
    return (struct event){ .mask = mask,
                           .watch = { watch, strlen(watch) },
                           .name = { name, strlen(name) } };
}

/* Everything passes, until a test says otherwise. */
static struct filter_config all(void)
{
    return (struct filter_config){ .events = 0xffffffff, .files = true, .dirs = true };
}

static struct filter *make(const struct filter_config *cfg)
{
    const char *error = NULL;
    struct filter *f = filter_new(cfg, &error);

    if (f == NULL)
        printf("# %s\n", error);
    return f;
}

/* why: NULL where the record is to be kept, else what the reason has to hold. */
static void check(struct filter *f, struct event ev, const char *why, const char *what)
{
    const char *got = NULL;
    bool kept = filter_keep(f, &ev, &got);

    ok(kept == (why == NULL), "%s: %s", what, why == NULL ? "kept" : "dropped");
    if (why != NULL)
        ok(got != NULL && strstr(got, why) != NULL, "%s: because of %s", what, why);
    ok(filter_keep(f, &ev, NULL) == kept, "%s: the same without a reason", what);
}

static void test_events(void)
{
    struct filter_config cfg = all();
    struct filter *f = make(&cfg);

    check(f, event(IN_CREATE, "d/", "f"), NULL, "no rules");
    check(f, event(0x40000, "d/", "f"), NULL, "a bit without a name");
    check(f, event(IN_Q_OVERFLOW, "", ""), NULL, "overflow");
    filter_free(f);

    cfg.events = IN_CREATE | IN_ISDIR;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "f"), NULL, "-e create,isdir: file");
    check(f, event(IN_CREATE | IN_ISDIR, "d/", "s"), NULL, "-e create,isdir: directory");
    check(f, event(IN_OPEN | IN_ISDIR, "d/", "s"), "--event", "-e create,isdir: another event");
    check(f, event(IN_Q_OVERFLOW, "", ""), "--event", "overflow that was not asked for");
    check(f, event(IN_IGNORED, "d/", ""), "--event", "ignored that was not asked for");
    filter_free(f);

    cfg.events = IN_CLOSE_WRITE | IN_MOVED_TO;
    f = make(&cfg);
    check(f, event(IN_CLOSE_WRITE, "d/", "f"), NULL, "one of two");
    check(f, event(IN_CLOSE_NOWRITE, "d/", "f"), "--event", "neither");
    check(f, event(IN_MODIFY | IN_CLOSE_WRITE, "d/", "f"), NULL, "merged, one asked for");
    filter_free(f);
}

static void test_types(void)
{
    struct filter_config cfg = all();
    struct filter *f;

    cfg.dirs = false;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "f"), NULL, "type f: file");
    check(f, event(IN_CREATE | IN_ISDIR, "d/", "s"), "--type", "type f: directory");
    check(f, event(IN_DELETE_SELF, "d/", ""), "--type", "type f: watched directory, no ISDIR");
    check(f, event(IN_DELETE_SELF, "d/f", ""), NULL, "type f: watched file");
    check(f, event(IN_Q_OVERFLOW, "", ""), NULL, "type f: overflow");
    filter_free(f);

    cfg.dirs = true;
    cfg.files = false;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "f"), "--type", "type d: file");
    check(f, event(IN_CREATE | IN_ISDIR, "d/", "s"), NULL, "type d: directory");
    check(f, event(IN_DELETE_SELF, "d/", ""), NULL, "type d: watched directory");
    check(f, event(IN_Q_OVERFLOW, "", ""), NULL, "type d: overflow");
    filter_free(f);
}

static void test_exclude(void)
{
    static const struct filter_rule rules[] = { { "\\.o$", false, false },
                                                { "/TMP/", false, true } };
    struct filter_config cfg = all();
    struct filter *f;

    cfg.rules = rules;
    cfg.nrules = 2;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "a.c"), NULL, "no exclude matches");
    check(f, event(IN_CREATE, "d/", "a.o"), "--exclude", "the first");
    check(f, event(IN_CREATE, "d/", "a.O"), NULL, "case counts for --exclude");
    check(f, event(IN_CREATE, "x/tmp/", "f"), "--exclude", "the second, in the other case");
    check(f, event(IN_DELETE_SELF, "x/Tmp/", ""), "--exclude", "a directory, by its slash");
    check(f, event(IN_CREATE | IN_ISDIR, "x/", "tmp"), NULL, "its entry has no slash");
    check(f, event(IN_MODIFY, "x/a.o", ""), "--exclude", "a watched file");
    check(f, event(IN_Q_OVERFLOW, "a.o", ""), NULL, "overflow");
    filter_free(f);
}

static void test_include(void)
{
    static const struct filter_rule rules[] = { { "\\.c$", true, false },
                                                { "\\.H$", true, true } };
    struct filter_config cfg = all();
    struct filter *f;

    cfg.rules = rules;
    cfg.nrules = 2;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "a.c"), NULL, "the first include");
    check(f, event(IN_CREATE, "d/", "a.h"), NULL, "the second, in the other case");
    check(f, event(IN_CREATE, "d/", "a.o"), "--include", "none");
    check(f, event(IN_CREATE | IN_ISDIR, "d/", "src"), "--include", "directories too");
    check(f, event(IN_CREATE | IN_ISDIR, "d/", "src.c"), NULL, "a directory that matches");
    check(f, event(IN_Q_OVERFLOW, "", ""), NULL, "overflow");
    filter_free(f);
}

static void test_mixed(void)
{
    static const struct filter_rule rules[] = { { "\\.c$", true, false },
                                                { "^d/gen", false, false },
                                                { "\\.h$", true, false } };
    struct filter_config cfg = all();
    struct filter *f;

    cfg.rules = rules;
    cfg.nrules = 3;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "a.c"), NULL, "included, not excluded");
    check(f, event(IN_CREATE, "d/", "gen.c"), "--exclude", "included and excluded");
    check(f, event(IN_CREATE, "d/", "gen.h"), "--exclude", "excluded before its include");
    check(f, event(IN_CREATE, "d/", "a.o"), "--include", "not included");
    check(f, event(IN_CREATE, "d/", "a.h"), NULL, "the include behind the exclude");
    filter_free(f);
}

static void test_odd_names(void)
{
    static const struct filter_rule anchored[] = { { "^d/a\nb$", false, false } };
    static const struct filter_rule bytes[] = { { "\xff\xfe", false, false } };
    struct filter_config cfg = all();
    char *deep = malloc(20002);
    struct filter *f;
    struct event ev;

    cfg.rules = anchored;
    cfg.nrules = 1;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "a\nb"), "--exclude", "a newline within");
    check(f, event(IN_CREATE, "d/", "x\nd/a\nb"), NULL, "a newline starts no line");
    filter_free(f);

    cfg.rules = bytes;
    f = make(&cfg);
    check(f, event(IN_CREATE, "d/", "a\xff\xfe"), "--exclude", "bytes that are no text");
    memset(deep, 'd', 20000);
    deep[20000] = '/';
    deep[20001] = '\0';
    check(f, event(IN_CREATE, deep, "f"), NULL, "a path past PATH_MAX");
    check(f, event(IN_CREATE, deep, "f\xff\xfe"), "--exclude", "and one that matches");
    check(f, event(IN_CREATE, "d/", "f"), NULL, "a short one after a long one");
    /* Borrowed bytes end where their length says, with no NUL there. */
    ev = event(IN_CREATE, "d/xyz", "f\xff\xfe");
    ev.watch.len = 2;
    ev.name.len = 1;
    check(f, ev, NULL, "bytes behind the end are not looked at");
    filter_free(f);
    free(deep);
}

static void test_globs(void)
{
    static const char *const globs[] = { "*.o", ".git", "[ab]?", NULL };
    static const struct {
        const char *name;
        bool ignored;
    } names[] = {
        { "x.o", true },  { ".o", true },    { ".x.o", true },  { "x.oo", false },
        { ".git", true }, { "git", false },  { ".gita", false }, { "a1", true },
        { "b2", true },   { "c1", false },   { "a", false },    { "\xff.o", true },
    };
    struct filter_config cfg = all();
    struct filter *f = make(&cfg);

    ok(!filter_ignored(f, "x.o"), "no globs: nothing is ignored");
    filter_free(f);
    cfg.globs = globs;
    cfg.nglobs = 3;
    f = make(&cfg);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ok(filter_ignored(f, names[i].name) == names[i].ignored, "glob: %s is%s ignored",
           names[i].name, names[i].ignored ? "" : " not");
    check(f, event(IN_CREATE, "d/", "x.o"), "--ignore", "a record about an ignored entry");
    check(f, event(IN_CREATE, "d/", "x.c"), NULL, "one about another");
    check(f, event(IN_MODIFY, "d/x.o", ""), NULL, "what the user named is no entry");
    check(f, event(IN_CREATE, "x.o/", "f"), NULL, "nor is the directory of the entry");
    filter_free(f);
}

static void test_errors(void)
{
    static const struct filter_rule rules[] = { { "fine", false, false }, { "(", true, true } };
    static const struct filter_rule last[] = { { "[z-a]", false, false } };
    struct filter_config cfg = all();
    const char *error = NULL;

    cfg.rules = rules;
    cfg.nrules = 2;
    ok(filter_new(&cfg, &error) == NULL, "a faulty expression is refused");
    ok(error != NULL && strncmp(error, "--includei: '('", 15) == 0, "it is named");
    ok(error != NULL && strstr(error, "Unmatched") != NULL, "and so is the fault");
    ok(error != NULL && strchr(error, '\n') == NULL, "on one line");
    cfg.rules = last;
    cfg.nrules = 1;
    ok(filter_new(&cfg, &error) == NULL && strncmp(error, "--exclude: '[z-a]'", 18) == 0,
       "a second message");
    filter_free(NULL);
}

int main(void)
{
    test_events();
    test_types();
    test_exclude();
    test_include();
    test_mixed();
    test_odd_names();
    test_globs();
    test_errors();
    return done_testing();
}
