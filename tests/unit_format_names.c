/*
 * unit_format_names.c - every kind of name through every format and back.
 *
 * What a format prints is read back strictly by the rules of that format (readback.h), and has to
 * give the very bytes that went in.
 */
#include "config.h"

#include "readback.h"
#include "tap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct subject {
    const char *name;
    struct format_config cfg;
    bool (*gives_back)(struct format *f, const struct event *ev);
    struct format *f;
};

static bool try_name(struct subject *s, const char *name, size_t len)
{
    struct event ev = base_event();

    ev.name = (struct str){name, len};
    return s->gives_back(s->f, &ev);
}

static bool every_byte(struct subject *s)
{
    char name[256];
    size_t len, at;
    int c;

    /* Alone, at either end, and at each place of a word, so that each lane of it is met. */
    for (c = 1; c < 256; c++)
        for (len = 1; len < 20; len++)
            for (at = 0; at < len; at++) {
                memset(name, 'x', len);
                name[at] = (char)c;
                if (!try_name(s, name, len)) {
                    printf("# byte %d at %zu of %zu\n", c, at, len);
                    return false;
                }
            }
    for (c = 1; c < 256; c++) {
        memset(name, c, 255);
        if (!try_name(s, name, 255) || !try_name(s, name, 1))
            return false;
    }
    return true;
}

static bool every_character(struct subject *s)
{
    uint32_t cp;
    bool good = true;

    for (cp = 1; cp <= 0x10ffff && good; cp += cp < 0x3000 || cp > 0x10fff0 ? 1 : 61) {
        struct buf name = {0};

        buf_putc(&name, 'a');
        put_utf8(cp, &name); /* of a surrogate: three bytes that are not valid */
        good = try_name(s, name.data, name.len);
        if (!good)
            printf("# U+%04X\n", cp);
        buf_free(&name);
    }
    return good;
}

static bool random_names(struct subject *s)
{
    /* Bytes that meet each other badly are more likely than in noise. */
    static const char odd[] = "\x80\xbf\xc0\xc2\xe0\xe2\xed\xa0\xf0\xf4\xf5\xff\"\\,\n\r \t\033a";
    uint32_t seed = 12345;
    char name[300];
    int round;

    for (round = 0; round < 20000; round++) {
        size_t len, i;

        seed = seed * 1664525 + 1013904223;
        len = 1 + (seed >> 8) % (round % 100 == 0 ? 255 : 12);
        for (i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            name[i] = seed >> 31 ? odd[(seed >> 8) % (sizeof(odd) - 1)]
                                 : (char)(1 + (seed >> 8) % 255);
        }
        if (!try_name(s, name, len)) {
            printf("# round %d\n", round);
            return false;
        }
    }
    return true;
}

static bool huge_name(struct subject *s)
{
    size_t len = 1 << 20;
    char *name = malloc(len);
    bool good;

    memset(name, '"', len);
    good = try_name(s, name, len);
    memset(name, 0xff, len);
    good = good && try_name(s, name, len);
    free(name);
    return good;
}

static void test_names(void)
{
    struct subject all[] = {
        {"text -0", {.kind = FORMAT_TEXT, .null = true}, raw_gives_back, NULL},
        {"--format -0", {.kind = FORMAT_PRINTF, .spec = "%w %e %f", .null = true}, raw_gives_back,
         NULL},
        {"csv", {.kind = FORMAT_CSV}, csv_gives_back, NULL},
        {"json", {.kind = FORMAT_JSON}, json_gives_back, NULL},
        {"tty", {.kind = FORMAT_TTY}, tty_gives_back, NULL},
    };
    const char *error;
    size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        all[i].f = format_new(&all[i].cfg, &error);
        ok(every_byte(&all[i]), "%s: every byte at every place", all[i].name);
        ok(every_character(&all[i]), "%s: characters of every length", all[i].name);
        ok(random_names(&all[i]), "%s: 20,000 odd names", all[i].name);
        ok(huge_name(&all[i]), "%s: a name of 1 MiB", all[i].name);
        format_free(all[i].f);
    }
}

int main(void)
{
    test_names();
    return done_testing();
}
