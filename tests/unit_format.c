/*
 * unit_format.c - the exact bytes of each format, for chosen records.
 *
 * What odd names become, and that they come back, is in unit_format_names.c.
 */
#include "config.h"

#include "format_impl.h"
#include "records.h"
#include "tap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* A literal that may hold NUL. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* The record, in a buf that the caller frees; a literal NUL is part of it. */
static struct buf record(const struct format_config *cfg, const struct event *ev)
{
    const char *error = NULL;
    struct format *f = format_new(cfg, &error);
    struct buf out = {0};

    if (f == NULL)
        buf_put(&out, error, strlen(error));
    else
        format_event(f, ev, &out);
    format_free(f);
    return out;
}

static void expect(const struct format_config *cfg, const struct event *ev, struct str want,
                   const char *what)
{
    struct buf got = record(cfg, ev);

    ok(same((struct str){got.data, got.len}, want), "%s", what);
    if (!same((struct str){got.data, got.len}, want))
        printf("# got:  %.*s\n# want: %.*s\n", (int)got.len, got.data, (int)want.len, want.s);
    buf_free(&got);
}

/* Bad bytes: how many U+FFFD there are, and that the bytes are kept. */
static void test_bad_bytes(void)
{
    static const struct {
        const char *bytes;
        const char *shown;
        const char *what;
    } bad[] = {
        {"\xc0\x80", "??", "an overlong NUL"},
        {"\xe0\x9f\xbf", "???", "an overlong three-byte character"},
        {"\xf0\x8f\xbf\xbf", "????", "an overlong four-byte character"},
        {"\xed\xa0\x80", "???", "a surrogate"},
        {"\xf4\x90\x80\x80", "????", "past U+10FFFF"},
        {"\xe2\x82", "??", "cut short at the end"},
        {"\xe2\x82x", "??x", "cut short in the middle"},
        {"a\xe9z", "a?z", "Latin-1"},
        {"\x80", "?", "a stray continuation byte"},
        {"\xf5\xfe\xff", "???", "bytes that never occur"},
    };
    struct format_config cfg = {.kind = FORMAT_JSON};
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct event ev = base_event();
        struct buf want = {0}, got;
        const char *p;

        buf_lit(&want, "\"name\":\"");
        for (p = bad[i].shown; *p != '\0'; p++)
            buf_put(&want, *p == '?' ? "\xef\xbf\xbd" : p, *p == '?' ? 3 : 1);
        buf_lit(&want, "\",\"name_b64\":\"");
        ev.name = str(bad[i].bytes);
        got = record(&cfg, &ev);
        ok(memmem(got.data, got.len, want.data, want.len) != NULL, "json: %s", bad[i].what);
        buf_free(&want);
        buf_free(&got);
    }
}

static void test_json(void)
{
    struct format_config cfg = {.kind = FORMAT_JSON};
    struct event ev = base_event();

    expect(&cfg, &ev,
           str("{\"time\":\"2026-11-23T02:00:00.123456Z\",\"seq\":42,\"events\":[\"CREATE\"],"
               "\"path\":\"d/f\",\"watch\":\"d/\",\"name\":\"f\",\"wd\":1,\"mask\":256}\n"),
           "json: a plain record");
    ev.mask = IN_MOVED_TO | IN_ISDIR;
    ev.cookie = 77;
    ev.from = str("e/\xff");
    ev.synthetic = true;
    ev.time.tv_nsec = 999;
    expect(&cfg, &ev,
           str("{\"time\":\"2026-11-23T02:00:00.000000Z\",\"seq\":42,\"events\":[\"MOVED_TO\","
               "\"ISDIR\"],\"path\":\"d/f\",\"watch\":\"d/\",\"name\":\"f\",\"from\":\"e/\xef\xbf"
               "\xbd\",\"from_b64\":\"ZS//\",\"wd\":1,\"mask\":1073741952,\"cookie\":77,"
               "\"synthetic\":true}\n"),
           "json: every key");
    ev = base_event();
    ev.name = str("");
    ev.mask = IN_CLOSE_WRITE;
    expect(&cfg, &ev,
           str("{\"time\":\"2026-11-23T02:00:00.123456Z\",\"seq\":42,\"events\":[\"CLOSE_WRITE\"],"
               "\"path\":\"d\",\"watch\":\"d/\",\"wd\":1,\"mask\":8}\n"),
           "json: about the watched thing: no name, the path without a slash");
    ev = (struct event){.time = {-1, 5000}, .seq = UINT64_MAX, .wd = -1, .mask = IN_Q_OVERFLOW};
    expect(&cfg, &ev,
           str("{\"time\":\"1969-12-31T23:59:59.000005Z\",\"seq\":18446744073709551615,\"events\":"
               "[\"Q_OVERFLOW\"],\"wd\":-1,\"mask\":16384}\n"),
           "json: an overflow has neither path nor watch");
    ev = base_event();
    ev.name = str("\001\b\f\n\r\t\033\"\\\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6\xc3\xa9");
    ev.watch = str("");
    expect(&cfg, &ev,
           str("{\"time\":\"2026-11-23T02:00:00.123456Z\",\"seq\":42,\"events\":[\"CREATE\"],"
               "\"path\":\"\\u0001\\b\\f\\n\\r\\t\\u001b\\\"\\\\\\u007f\\u009b\\u202e\\u2028\\u2066"
               "\xc3\xa9\",\"name\":\"\\u0001\\b\\f\\n\\r\\t\\u001b\\\"\\\\\\u007f\\u009b\\u202e"
               "\\u2028\\u2066\xc3\xa9\",\"wd\":1,\"mask\":256}\n"),
           "json: escapes");
}

/* The two halves of a rename in one, and what --tag gives. */
static void test_joined(void)
{
    struct format_config cfg = {.kind = FORMAT_JSON, .tags = str(",\"host\":\"h\"")};
    struct event ev = base_event();

    ev.mask = IN_MOVE | IN_ISDIR;
    ev.joined = ev.exchanged = true;
    ev.cookie = 7;
    ev.from = str("d/e");
    expect(&cfg, &ev,
           STR("{\"time\":\"2026-11-23T02:00:00.123456Z\",\"seq\":42,\"events\":[\"MOVE\","
               "\"ISDIR\"],\"path\":\"d/f\",\"watch\":\"d/\",\"name\":\"f\",\"from\":\"d/e\","
               "\"wd\":1,\"mask\":1073742016,\"cookie\":7,\"exchanged\":true,\"host\":\"h\"}\n"),
           "json: a joined rename, and tags at the end");
    cfg.kind = FORMAT_TEXT;
    expect(&cfg, &ev, STR("d/ MOVE,ISDIR f\n"), "text: a joined rename is about the new path");
    cfg.kind = FORMAT_CSV;
    expect(&cfg, &ev, STR("d/,\"MOVE,ISDIR\",f\n"), "csv: the same");
    cfg.kind = FORMAT_PRINTF;
    cfg.spec = "%e %o %p %m";
    expect(&cfg, &ev, STR("MOVE,ISDIR d/e d/f 0x400000c0\n"), "printf: both paths");
    ev.joined = false;
    expect(&cfg, &ev, STR("MOVED_FROM,MOVED_TO,ISDIR d/e d/f 0x400000c0\n"),
           "printf: both halves that are not one");
}

static void test_text(void)
{
    struct format_config cfg = {.kind = FORMAT_TEXT};
    struct event ev = base_event();

    expect(&cfg, &ev, str("d/ CREATE f\n"), "text: a plain record");
    ev.mask = IN_CLOSE_NOWRITE | IN_ISDIR;
    ev.name = str("");
    expect(&cfg, &ev, str("d/ CLOSE_NOWRITE,CLOSE,ISDIR \n"), "text: an empty name leaves a blank");
    ev = base_event();
    ev.name = str("a\n\033[31m\xff\\");
    expect(&cfg, &ev, str("d/ CREATE a\n\033[31m\xff\\\n"), "text: names are raw");
    cfg.escape = true;
    expect(&cfg, &ev, str("d/ CREATE a\\n\\e[31m\\xff\\\\\n"), "text: escaped for a terminal");
    cfg.escape = false;
    cfg.colour = true;
    expect(&cfg, &ev, str("d/ \033[32mCREATE\033[0m a\\n\\e[31m\\xff\\\\\n"),
           "text: coloured means escaped");
    ev = base_event();
    ev.mask = IN_ATTRIB;
    expect(&cfg, &ev, str("d/ ATTRIB f\n"), "text: a plain event has no colour");
}

static void test_csv(void)
{
    struct format_config cfg = {.kind = FORMAT_CSV};
    struct event ev = base_event();

    expect(&cfg, &ev, str("d/,CREATE,f\n"), "csv: a plain record");
    ev.mask |= IN_ISDIR;
    ev.watch = str("k,k/");
    ev.name = str("");
    expect(&cfg, &ev, str("\"k,k/\",\"CREATE,ISDIR\",\n"), "csv: two names are quoted");
    ev = base_event();
    ev.name = str("q\"\r");
    expect(&cfg, &ev, str("d/,CREATE,\"q\"\"\r\"\n"), "csv: quotes are doubled");
    ev.name = str("a\rb");
    expect(&cfg, &ev, str("d/,CREATE,\"a\rb\"\n"), "csv: a carriage return");
    ev.name = str(" x");
    expect(&cfg, &ev, str("d/,CREATE,\" x\"\n"), "csv: a blank in front");
    ev.name = str("\tx\t");
    expect(&cfg, &ev, str("d/,CREATE,\tx\t\n"), "csv: tabs are not quoted");
    ev.name = str("\033 ");
    cfg.escape = cfg.null = true;
    expect(&cfg, &ev, STR("d/,CREATE,\"\\e \"\0"), "csv: escaped, and NUL at the end");
}

static void test_tty(void)
{
    struct format_config cfg = {.kind = FORMAT_TTY, .colour = true};
    struct event ev = base_event();

    ev.mask = IN_MOVED_TO;
    ev.from = str("e/\033\xc2\x9b\x9b\xe2\x80\xae");
    expect(&cfg, &ev,
           str("\033[2m02:00:00\033[0m \033[35mMOVED_TO\033[0m          e/\\e\\u009b\\x9b\\u202e"
               " -> d/f\n"),
           "tty: a rename, in colour");
    cfg.colour = false;
    ev = base_event();
    ev.mask = IN_CLOSE_WRITE;
    ev.name = str("");
    expect(&cfg, &ev, str("02:00:00 CLOSE_WRITE,CLOSE d\n"), "tty: without colour");
    ev = (struct event){.time = {1795399200, 0}, .wd = -1, .mask = IN_Q_OVERFLOW};
    expect(&cfg, &ev, str("02:00:00 Q_OVERFLOW\n"), "tty: an overflow has no path");
}

static void printf_is(const char *spec, bool lenient, const struct event *ev, struct str want)
{
    struct format_config cfg = {
        .kind = FORMAT_PRINTF, .spec = spec, .timefmt = "%F", .lenient = lenient};

    expect(&cfg, ev, want, spec);
}

static void refused(const char *spec, const char *named)
{
    struct format_config cfg = {.kind = FORMAT_PRINTF, .spec = spec};
    const char *error = NULL;
    struct format *f = format_new(&cfg, &error);

    ok(f == NULL && error != NULL && strstr(error, named) != NULL, "--format '%s': refused", spec);
    format_free(f);
}

static void test_printf(void)
{
    struct format_config cfg = {.kind = FORMAT_PRINTF, .spec = "%f;", .no_newline = true};
    struct event ev = base_event();

    ev.mask = IN_MOVED_TO | IN_ISDIR;
    ev.cookie = 0x2ba7;
    ev.from = str("e/g");
    printf_is("%w|%f|%p|%o|%e|%c|%d|%m|%s", false, &ev,
              str("d/|f|d/f|e/g|MOVED_TO,ISDIR|2ba7|1|0x40000080|42\n"));
    printf_is("%:e %ee %we %%e %0%n", false, &ev,
              STR("MOVED_TO:ISDIR MOVED_TO,ISDIRe d/e %e \0\n\n"));
    printf_is("%T\\n", false, &ev, str("2026-11-23\\n\n"));
    printf_is("", false, &ev, str("\n"));
    printf_is("%pe %se", false, &ev, str("d/fe 42e\n"));
    printf_is("%pe %:x %q% %w %-5w%", true, &ev, str("MOVED_TOpISDIR %:x %q% d/ %-5w%\n"));
    expect(&cfg, &ev, str("f;"), "--no-newline");
    cfg.null = cfg.no_newline = false;
    cfg.null = true;
    expect(&cfg, &ev, STR("f;\0"), "-0");
    ev = base_event();
    ev.wd = -1;
    ev.watch = str("/");
    ev.name = str("");
    printf_is("%d %c %o %p", false, &ev, str("-1 0  /\n"));
    ev.name = str("\033");
    cfg = (struct format_config){.kind = FORMAT_PRINTF, .spec = "%w%f%p", .escape = true};
    expect(&cfg, &ev, str("/\\e/\\e\n"), "--format: escaped for a terminal");
    refused("a%qb", "'%q'");
    refused("%", "lone");
    refused("%:x", "'%:'");
    refused("%\033", "'%\\e'");
    refused("%\x9b", "'%\\x9b'");
    refused("%Z", "%w %f %p %o %e %Xe %T %c %d %m %s %n %0 %%");
    refused("%T", "--timefmt");
}

/* Every byte that can be a separator, in one format: more than there are slots in the cache. */
static void test_separators(void)
{
    struct buf spec = {0}, want = {0};
    struct format_config cfg = {.kind = FORMAT_PRINTF};
    struct event ev = base_event();
    int c, turn;

    ev.mask |= IN_ISDIR;
    for (turn = 0; turn < 2; turn++)
        for (c = 1; c < 256; c++) {
            if (strchr("wfpoeTcdmsn0%", c) != NULL)
                continue;
            buf_putc(&spec, '%');
            buf_putc(&spec, (char)c);
            buf_putc(&spec, 'e');
            buf_lit(&want, "CREATE");
            buf_putc(&want, (char)c);
            buf_lit(&want, "ISDIR");
        }
    buf_putc(&spec, '\0');
    buf_putc(&want, '\n');
    cfg.spec = spec.data;
    expect(&cfg, &ev, (struct str){want.data, want.len}, "%Xe: every byte separates");
    buf_free(&spec);
    buf_free(&want);
}

/* The caches must not show. */
static void test_caches(void)
{
    struct format_config cfg = {.kind = FORMAT_PRINTF, .spec = "%e %T", .timefmt = "%S%%%Y "};
    const char *error;
    struct format *f = format_new(&cfg, &error);
    struct buf out = {0};
    bool good = true;
    int round;

    for (round = 0; round < 20000 && good; round++) {
        struct event ev = base_event();
        struct buf fresh;

        ev.mask = (uint32_t)(round % 5000) | (round & 1 ? IN_ISDIR : 0) | IN_ACCESS;
        ev.time.tv_sec += round / 7 % 3;
        out.len = 0;
        format_event(f, &ev, &out);
        fresh = record(&cfg, &ev);
        good = same((struct str){out.data, out.len}, (struct str){fresh.data, fresh.len});
        buf_free(&fresh);
    }
    ok(good, "what is remembered is what would be rendered");
    buf_free(&out);
    format_free(f);

    cfg = (struct format_config){.kind = FORMAT_PRINTF, .spec = "[%T]", .timefmt = ""};
    {
        struct event ev = base_event();

        expect(&cfg, &ev, str("[]\n"), "an empty --timefmt");
    }
}

int main(void)
{
    setenv("TZ", "UTC0", 1);
    test_text();
    test_printf();
    test_csv();
    test_json();
    test_joined();
    test_tty();
    test_bad_bytes();
    test_separators();
    test_caches();
    return done_testing();
}
