/*
 * unit_command.c - lines of --control: what each means, what is wrong with each, any path there and
 * back, and random lines.
 */
#include "config.h"

#include "command.h"
#include "tap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct command c;

/* What the line means, in a fixed form; for a mistake its error. */
static const char *meaning(const char *line, size_t n)
{
    static char text[4096];
    int at;

    if (!command_parse(line, n, &c)) {
        snprintf(text, sizeof(text), "%s! %.*s", command_name(c.kind), (int)c.error.len,
                 c.error.data);
        return text;
    }
    at = snprintf(text, sizeof(text), "%s", command_name(c.kind));
    if (c.path.len > 0)
        at += snprintf(text + at, sizeof(text) - (size_t)at, " [%s]", c.path.data);
    if (c.wd >= 0)
        at += snprintf(text + at, sizeof(text) - (size_t)at, " wd=%" PRId32, c.wd);
    if (c.events != 0)
        at += snprintf(text + at, sizeof(text) - (size_t)at, " events=%" PRIx32, c.events);
    if (c.flags != 0)
        at += snprintf(text + at, sizeof(text) - (size_t)at, " flags=%" PRIx32, c.flags);
    if (c.recursive)
        at += snprintf(text + at, sizeof(text) - (size_t)at, " recursive");
    if (c.kind == COMMAND_SYNC)
        snprintf(text + at, sizeof(text) - (size_t)at, " <%.*s>", (int)c.token.len, c.token.data);
    return text;
}

static void test_good(void)
{
    static const struct {
        const char *line, *meaning;
    } good[] = {
        { "", "" },
        { " \t ", "" },
        { "list", "list" },
        { "  stats\t", "stats" },
        { "quit", "quit" },
        { "sync 1", "sync <1>" },
        { "sync \"\"", "sync <>" },
        { "sync a\"b", "sync <a\"b>" },
        { "sync \"a \\\"b\\\" \\u20ac\"", "sync <a \"b\" \xe2\x82\xac>" },
        { "add d", "add [d]" },
        { "add\td\trecursive", "add [d] recursive" },
        { "add d create", "add [d] events=100" },
        { "add d IN_CREATE,delete recursive ", "add [d] events=300 recursive" },
        { "add d MASK_ADD,open", "add [d] events=20 flags=20000000" },
        { "add d in_oneshot,DONT_FOLLOW,EXCL_UNLINK,onlydir", "add [d] flags=87000000" },
        { "add d mask_create,complete", "add [d] events=88 flags=10000000" },
        { "add recursive", "add [recursive]" },
        { "add recursive recursive", "add [recursive] recursive" },
        { "add \"two words\" modify", "add [two words] events=2" },
        { "add \"a\\nb\\t\\\\\\/\\b\\f\\r\" recursive", "add [a\nb\t\\/\b\f\r] recursive" },
        { "add \"\\u0041\\u00e4\\ud83d\\ude00\"", "add [A\xc3\xa4\xf0\x9f\x98\x80]" },
        { "add \"raw\xff\"", "add [raw\xff]" },
        { "add raw\xff", "add [raw\xff]" },
        { "add a\\b", "add [a\\b]" },
        { "remove d", "remove [d]" },
        { "remove \"a b\"", "remove [a b]" },
        { "remove wd", "remove [wd]" },
        { "remove \"wd\"", "remove [wd]" },
        { "remove wd 7", "remove wd=7" },
        { "remove wd 2147483647", "remove wd=2147483647" },
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        is_str(meaning(good[i].line, strlen(good[i].line)), good[i].meaning, good[i].line);
}

static void test_bad(void)
{
    static const struct {
        const char *line, *error;
    } bad[] = {
        { "fro",
          "unknown! 'fro' is not a command; accepted: add, remove, list, stats, sync, quit" },
        { "List", "unknown! 'List' is not a command; accepted: add," },
        { "\"list\"", "unknown! 'list' is not a command" },
        { "{\"add\":1}", "unknown! '{\"add\":1}' is not a command" },
        { "list all", "list! accepted: list" },
        { "stats x", "stats! accepted: stats" },
        { "quit now", "quit! accepted: quit" },
        { "sync", "sync! accepted: sync TOKEN" },
        { "sync a b", "sync! accepted: sync TOKEN" },
        { "add", "add! accepted: add PATH [LIST] [recursive]" },
        { "add \"\"", "add! accepted: add PATH" },
        { "add d modfy", "add! 'modfy' is neither an event nor a watch flag; accepted: ACCESS, " },
        { "add d create,", "add! '' is neither an event nor" },
        { "add d \"\"", "add! '' is neither an event nor" },
        { "add d create recursively", "add! 'recursively' is not understood; accepted: add PATH" },
        { "add d create modify", "add! 'modify' is not understood; accepted: add PATH" },
        { "add d recursive create", "add! accepted: add PATH [LIST] [recursive]" },
        { "add two words", "add! 'words' is neither an event nor" },
        { "add d MASK_ADD,MASK_CREATE", "add! MASK_ADD and MASK_CREATE exclude each other" },
        { "add \"d", "add! a quoted word without its end" },
        { "add \"d\\", "add! a quoted word without its end" },
        { "add \"d\\\"", "add! a quoted word without its end" },
        { "add \"d\"x", "add! a quoted word with more behind its end" },
        { "add \"\\q\"", "add! an escape in a quoted word that JSON does not have" },
        { "add \"\\u12\"", "add! \\u in a quoted word needs four hexadecimal digits" },
        { "add \"\\u12g4\"", "add! \\u in a quoted word needs four hexadecimal digits" },
        { "add \"\\ud800\"", "add! half of a surrogate pair" },
        { "add \"\\ud800\\u0041\"", "add! half of a surrogate pair" },
        { "add \"\\udc00\"", "add! half of a surrogate pair" },
        { "add \"a\\u0000\"", "add! a NUL in a quoted word" },
        { "remove", "remove! accepted: remove PATH, remove wd N" },
        { "remove a b", "remove! accepted: remove PATH, remove wd N" },
        { "remove wd x", "remove! 'x' is not a watch descriptor; list tells those" },
        { "remove wd -1", "remove! '-1' is not a watch descriptor" },
        { "remove wd 2147483648", "remove! '2147483648' is not a watch descriptor" },
        { "remove wd 99999999999999999999", "remove! '99999999999999999999' is not" },
        { "remove wd 1 2", "remove! accepted: remove PATH, remove wd N" },
    };
    char longest[300];

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const char *got = meaning(bad[i].line, strlen(bad[i].line));

        if (!ok(strncmp(got, bad[i].error, strlen(bad[i].error)) == 0, "%s", bad[i].line))
            tap_show("got", got);
    }
    is_str(meaning("add a\0b", 7), "unknown! the line holds a NUL byte", "a NUL");
    memset(longest, 'x', sizeof(longest));
    ok(strlen(meaning(longest, sizeof(longest))) < 150, "a long word is not repeated whole");
}

/* As a JSON string, each byte in one of the ways that there are. */
static void quote(const char *path, struct buf *out)
{
    char escape[8];

    buf_putc(out, '"');
    for (const char *p = path; *p != '\0'; p++) {
        unsigned char b = (unsigned char)*p;

        if (b < 0x80 && (b < 0x20 || rand() % 4 == 0)) {
            snprintf(escape, sizeof(escape), rand() % 2 ? "\\u%04x" : "\\u%04X", b);
            buf_put(out, escape, 6);
        } else {
            if (b == '"' || b == '\\')
                buf_putc(out, '\\');
            buf_putc(out, *p);
        }
    }
    buf_putc(out, '"');
}

static void test_any_path(void)
{
    bool all = true;

    for (int round = 0; round < 20000; round++) {
        char path[40];
        struct buf line = { 0 };
        size_t n = 1 + (size_t)rand() % (sizeof(path) - 1);

        for (size_t i = 0; i + 1 < n; i++)
            path[i] = (char)(1 + rand() % 255);
        path[n - 1] = '\0';
        if (n == 1)
            continue;
        buf_lit(&line, "add ");
        quote(path, &line);
        buf_lit(&line, " open recursive");
        all = all && command_parse(line.data, line.len, &c) && c.recursive &&
              strcmp(c.path.data, path) == 0;
        buf_free(&line);
    }
    ok(all, "20,000 random paths come through quoting as they were");
}

static void test_random(void)
{
    static const char *const pieces[] = { "add",   "remove", "sync", "list",    "\"", "\\",
                                          "\\u00", " ",      "\t",   ",",       "wd", "OPEN",
                                          "\n",    "\xff",   "d800", "\\ud83d", "9",  "x",
                                          "MASK_", "ADD",    "-" };
    const size_t npieces = sizeof(pieces) / sizeof(*pieces);
    bool all = true;

    for (int round = 0; round < 200000; round++) {
        struct buf line = { 0 };
        char *exact;
        bool good;

        for (int i = rand() % 12; i >= 0; i--) {
            const char *piece = pieces[(size_t)rand() % npieces];

            buf_put(&line, piece, strlen(piece));
            if (rand() % 40 == 0)
                buf_putc(&line, '\0');
        }
        /* So that a sanitizer sees each byte that is read behind the end. */
        exact = malloc(line.len);
        memcpy(exact, line.data, line.len);
        good = command_parse(exact, line.len, &c);
        all = all && good == (c.error.len == 0) && (good || c.kind != COMMAND_NONE) &&
              (!good || c.kind != COMMAND_BAD) && c.error.len < 512;
        free(exact);
        buf_free(&line);
    }
    ok(all, "200,000 random lines: understood, or an error that says why");
}

int main(void)
{
    srand(6);
    test_good();
    test_bad();
    test_any_path();
    test_random();
    command_free(&c);
    return done_testing();
}
