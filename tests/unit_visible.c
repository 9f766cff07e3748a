/*
 * unit_visible.c - what a name looks like in a message or on a terminal.
 *
 * That every name can be read back from it is checked, format by format, in unit_format_names.c.
 */
#include "config.h"

#include "tap.h"
#include "visible.h"

#include <stdlib.h>

static void shows(const char *name, const char *want, const char *what)
{
    char *seen = visible(name);

    is_str(seen, want, what);
    free(seen);
}

static void test_left_alone(void)
{
    shows("", "", "nothing");
    shows("a/b c.txt", "a/b c.txt", "an ordinary path");
    shows("!\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~", "!\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
          "all that is printable in ASCII but for the backslash");
    shows("gr\xc3\xb6\xc3\x9f" "e", "gr\xc3\xb6\xc3\x9f" "e", "letters of two bytes");
    shows("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", "letters of three bytes");
    shows("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "a character of four bytes");
    shows("\xc2\xa0", "\xc2\xa0", "the first character after the C1 controls");
}

static void test_escaped(void)
{
    shows("missing\033[31m\nline", "missing\\e[31m\\nline", "a colour and a newline");
    shows("\t\r\001\037\177", "\\t\\r\\x01\\x1f\\x7f", "the other controls");
    shows("\xc2\x80\xc2\x9b", "\\u0080\\u009b", "C1 controls");
    shows("\xff\x9b\xc3", "\\xff\\x9b\\xc3", "bytes that are not UTF-8, the last cut short");
    shows("\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80", "overlong, and a surrogate");
    shows("\xe2\x80\xae" "gpj.exe", "\\u202egpj.exe", "an override of the direction");
    shows("a\xe2\x80\xa8" "b", "a\\u2028b", "a line separator");
    shows("\xc2\xad\xd8\x9c", "\\u00ad\\u061c", "hazards of two bytes have four digits");
    shows("\xf3\xa0\x80\x81", "\\u{e0001}", "a tag has five");
    shows("a\\nb", "a\\\\nb", "a backslash, so that it looks like no newline");
}

/* Any byte but NUL, alone and among plain ones: one line, valid UTF-8, no hazard. */
static void test_every_byte(void)
{
    size_t bad = 0;

    for (int c = 1; c < 256; c++)
        for (size_t at = 0; at < 20; at++) {
            char name[] = "xxxxxxxxxxxxxxxxxxxx", *seen;
            size_t left, n;

            name[at] = (char)c;
            seen = visible(name);
            left = strlen(seen);
            for (const char *p = seen; left > 0; p += n, left -= n) {
                uint32_t cp = 0;

                n = utf8_decode(p, left, &cp);
                if (n == 0 || utf8_hazard(cp)) {
                    bad++;
                    break;
                }
            }
            free(seen);
        }
    is_num(bad, 0, "no byte gets through that could harm");
}

static void test_put(void)
{
    struct buf b = {0};

    buf_lit(&b, "x: ");
    visible_put("a\nbc", 3, &b);
    visible_put("\n", 0, &b);
    buf_putc(&b, '\0');
    is_str(b.data, "x: a\\nb", "appends so many bytes of a name, and keeps what is there");
    buf_free(&b);
}

int main(void)
{
    test_left_alone();
    test_escaped();
    test_every_byte();
    test_put();
    return done_testing();
}
