/*
 * unit_event.c - names and masks of events, both ways.
 */
#include "config.h"

#include "event.h"
#include "inotify.h"
#include "tap.h"

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Names joined by commas, as text output has them. */
struct joined {
    char text[512];
    size_t len;
};

static void join(void *arg, const char *name, size_t len)
{
    struct joined *j = arg;

    if (j->len > 0)
        j->text[j->len++] = ',';
    memcpy(j->text + j->len, name, len);
    j->len += len;
    j->text[j->len] = '\0';
}

static void names_are(uint32_t mask, enum event_style style, const char *want)
{
    struct joined j = { .len = 0 };

    event_names(mask, style, join, &j);
    ok(strcmp(j.text, want) == 0, "names of 0x%x, %s: \"%s\"", (unsigned)mask,
       style == EVENT_TEXT ? "text" : "exact", want);
    if (strcmp(j.text, want) != 0)
        printf("# got \"%s\"\n", j.text);
}

static const struct {
    const char *name;
    uint32_t mask;
} known[] = {
    { "ACCESS", IN_ACCESS },
    { "MODIFY", IN_MODIFY },
    { "ATTRIB", IN_ATTRIB },
    { "CLOSE_WRITE", IN_CLOSE_WRITE },
    { "CLOSE_NOWRITE", IN_CLOSE_NOWRITE },
    { "CLOSE", IN_CLOSE_WRITE | IN_CLOSE_NOWRITE },
    { "OPEN", IN_OPEN },
    { "MOVED_FROM", IN_MOVED_FROM },
    { "MOVED_TO", IN_MOVED_TO },
    { "MOVE", IN_MOVED_FROM | IN_MOVED_TO },
    { "MOVE_SELF", IN_MOVE_SELF },
    { "CREATE", IN_CREATE },
    { "DELETE", IN_DELETE },
    { "DELETE_SELF", IN_DELETE_SELF },
    { "UNMOUNT", IN_UNMOUNT },
    { "Q_OVERFLOW", IN_Q_OVERFLOW },
    { "IGNORED", IN_IGNORED },
    { "ISDIR", IN_ISDIR },
    { "ALL_EVENTS", 0xfff },
    { "CHANGE", IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE |
                    IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF },
    { "COMPLETE", IN_CLOSE_WRITE | IN_MOVED_TO },
};

static const struct {
    const char *name;
    uint32_t mask;
} known_flags[] = {
    { "DONT_FOLLOW", IN_DONT_FOLLOW }, { "EXCL_UNLINK", IN_EXCL_UNLINK },
    { "MASK_ADD", IN_MASK_ADD },       { "ONESHOT", IN_ONESHOT },
    { "ONLYDIR", IN_ONLYDIR },         { "MASK_CREATE", 0x10000000 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool means(bool (*ask)(const char *, size_t, uint32_t *), const char *name, uint32_t want)
{
    uint32_t got = 0;

    return ask(name, strlen(name), &got) && got == want;
}

/* Upper case, lower case, mixed, and each with IN_ before it. */
static void every_spelling(bool (*ask)(const char *, size_t, uint32_t *), const char *name,
                           uint32_t mask)
{
    char lower[32], mixed[32], prefixed[32];
    size_t i;

    for (i = 0; name[i] != '\0'; i++) {
        lower[i] = (char)tolower((unsigned char)name[i]);
        mixed[i] = i % 2 != 0 ? lower[i] : name[i];
    }
    lower[i] = mixed[i] = '\0';
    ok(means(ask, name, mask), "%s", name);
    ok(means(ask, lower, mask), "%s", lower);
    ok(means(ask, mixed, mask), "%s", mixed);
    snprintf(prefixed, sizeof(prefixed), "IN_%s", name);
    ok(means(ask, prefixed, mask), "%s", prefixed);
    snprintf(prefixed, sizeof(prefixed), "in_%s", lower);
    ok(means(ask, prefixed, mask), "%s", prefixed);
}

static void test_masks(void)
{
    static const char *const wrong[] = { "",        "MODFY",  "MODIFY ",    " MODIFY",
                                         "MODIF",   "MODIFYY", "IN_",       "IN",
                                         "IN_IN_MODIFY", "I_MODIFY", "ONESHOT", "CREATE,DELETE",
                                         "INMODIFY" };
    uint32_t mask = 77;

    for (size_t i = 0; i < COUNT(known); i++)
        every_spelling(event_mask, known[i].name, known[i].mask);
    for (size_t i = 0; i < COUNT(known_flags); i++)
        every_spelling(event_flag, known_flags[i].name, known_flags[i].mask);
    for (size_t i = 0; i < COUNT(wrong); i++)
        ok(!event_mask(wrong[i], strlen(wrong[i]), &mask) && mask == 77, "no event: '%s'",
           wrong[i]);
    ok(!event_flag("MODIFY", 6, &mask) && mask == 77, "MODIFY is no watch flag");
    ok(!event_flag("", 0, &mask) && mask == 77, "nothing is no watch flag");
    ok(event_mask("OPENED", 4, &mask) && mask == IN_OPEN, "only len bytes are looked at");
    mask = 77;
    ok(!event_mask("OPEN\0", 5, &mask) && mask == 77, "a NUL within is a byte like any other");
}

/* In a Turkish locale "i" is not the lower case of "I"; where there is none, nothing changes. */
static void test_locale(void)
{
    setlocale(LC_ALL, "tr_TR.UTF-8");
    ok(means(event_mask, "modify", IN_MODIFY), "modify in a Turkish locale");
    ok(means(event_mask, "in_isdir", IN_ISDIR), "in_isdir in a Turkish locale");
    setlocale(LC_ALL, "C");
}

static void test_names(void)
{
    names_are(IN_MODIFY, EVENT_TEXT, "MODIFY");
    names_are(IN_CLOSE_WRITE, EVENT_TEXT, "CLOSE_WRITE,CLOSE");
    names_are(IN_CLOSE_WRITE, EVENT_EXACT, "CLOSE_WRITE");
    names_are(IN_CLOSE_NOWRITE | IN_ISDIR, EVENT_TEXT, "CLOSE_NOWRITE,CLOSE,ISDIR");
    names_are(IN_CLOSE_NOWRITE | IN_ISDIR, EVENT_EXACT, "CLOSE_NOWRITE,ISDIR");
    names_are(IN_CREATE | IN_ISDIR, EVENT_TEXT, "CREATE,ISDIR");
    names_are(IN_UNMOUNT | IN_ISDIR, EVENT_TEXT, "UNMOUNT,ISDIR");
    names_are(IN_MOVED_FROM | IN_MOVED_TO, EVENT_TEXT, "MOVED_FROM,MOVED_TO");
    names_are(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ISDIR, EVENT_TEXT,
              "ACCESS,MODIFY,ATTRIB,CLOSE_WRITE,CLOSE_NOWRITE,OPEN,MOVED_FROM,MOVED_TO,CREATE,"
              "DELETE,DELETE_SELF,UNMOUNT,Q_OVERFLOW,IGNORED,CLOSE,MOVE_SELF,ISDIR");
    names_are(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ISDIR, EVENT_EXACT,
              "ACCESS,MODIFY,ATTRIB,CLOSE_WRITE,CLOSE_NOWRITE,OPEN,MOVED_FROM,MOVED_TO,CREATE,"
              "DELETE,DELETE_SELF,UNMOUNT,Q_OVERFLOW,IGNORED,MOVE_SELF,ISDIR");
    names_are(IN_MODIFY | EVENT_JOINED | IN_ISDIR, EVENT_EXACT, "MODIFY,MOVE,ISDIR");
    names_are(0, EVENT_TEXT, "");
    names_are(0x40000, EVENT_TEXT, "0x40000");
    names_are(0x40000 | IN_MODIFY | IN_ISDIR, EVENT_TEXT, "MODIFY,ISDIR,0x40000");
    names_are(0x50000, EVENT_EXACT, "0x50000");
    names_are(0xffffffff & ~(uint32_t)(0xfff | 0xe000 | IN_ISDIR | EVENT_JOINED), EVENT_EXACT,
              "0xbf7f1000");
    names_are(0x80000000, EVENT_EXACT, "0x80000000");
}

static void list_holds(const char *list, const char *name)
{
    char with[600], one[40];

    snprintf(with, sizeof(with), ", %s,", list);
    snprintf(one, sizeof(one), ", %s,", name);
    ok(strstr(with, one) != NULL, "the list has %s", name);
}

static void test_lists(void)
{
    for (size_t i = 0; i < COUNT(known); i++)
        list_holds(event_list(), known[i].name);
    for (size_t i = 0; i < COUNT(known_flags); i++)
        list_holds(event_flag_list(), known_flags[i].name);
    ok(strncmp(event_list(), "ACCESS, MODIFY, ATTRIB, ", 24) == 0, "the list begins as it should");
    ok(strncmp(event_flag_list(), "DONT_FOLLOW, ", 13) == 0, "so does that of the flags");
}

static void head_is(const char *watch, const char *name, const char *want)
{
    struct event ev = { .watch = { watch, strlen(watch) }, .name = { name, strlen(name) } };
    struct str head = event_path_head(&ev);

    ok(head.len == strlen(want) && memcmp(head.s, want, head.len) == 0,
       "head of '%s' and '%s' is '%s'", watch, name, want);
}

static void test_head(void)
{
    head_is("d/", "f", "d/");
    head_is("d//", "f", "d//");
    head_is("d/", "", "d");
    head_is("d//", "", "d");
    head_is("/", "", "/");
    head_is("//", "", "/");
    head_is("/", "f", "/");
    head_is("/x/f", "", "/x/f");
    head_is("", "", "");
}

int main(void)
{
    test_masks();
    test_locale();
    test_names();
    test_lists();
    test_head();
    return done_testing();
}
