/*
 * unit_literal.c - no match without the bytes: fixed expressions, and random ones against libc.
 */
#include "config.h"

#include "literal.h"
#include "tap.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

static void test_known(void)
{
    static const struct {
        const char *pattern, *literal;
    } known[] = {
        { "\\.swp$", ".swp" },
        { "/\\.git/", "/.git/" },
        { "(^|/)node_modules(/|$)", "node_modules" },
        { "^/never/.*\\.o", "/never/" },
        { "[0-9]{8}\\.log", ".log" },
        { "[]|[:alpha:]x]long", "long" },
        { "abc*de", "ab" },
        { "abcd?e", "abc" },
        { "abc{0,1}d", "ab" },
        { "a\\wb\\<long\\*er", "long*er" },
        { "ab\\.*c", "ab" },
        { "this|that", "" },
        { "(this|that)", "" },
        { "a{x", "" },
        { "", "" },
        { ".*", "" },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        size_t n;
        char *literal = literal_of(known[i].pattern, &n);

        is_str(literal, known[i].literal, known[i].pattern);
        is_num(n, strlen(known[i].literal), "its length");
        free(literal);
    }
}

/* Up to `most` pieces in a row. */
static void any(char *s, const char *const *pieces, size_t npieces, int most)
{
    *s = '\0';
    for (int i = rand() % most; i >= 0; i--)
        s = stpcpy(s, pieces[(size_t)rand() % npieces]);
}

static void test_random(void)
{
    static const char *const of_pattern[] = { "a",    "b",     "ab",     "/",   ".",    "*",
                                              "+",    "?",     "(",      ")",   "|",    "[ab]",
                                              "[^a]", "[]|]",  "{0,1}",  "{2}", "{",    "}",
                                              "\\.",  "\\*",   "\\w",    "^",   "$",    "\\(",
                                              "]",    "[[:alpha:]]", "\\|", "\\{", "\\<", "," };
    static const char *const of_subject[] = { "a", "b", "ab", "/", ".", "*", "(", "|", "{", "}",
                                              "]", "1", "aa", "bb", ",", "a{" };
    int matched = 0, wrong = 0;

    srand(1);
    for (int i = 0; i < 60000; i++) {
        char pattern[128], subject[64];
        char *literal;
        size_t n;
        regex_t re;

        any(pattern, of_pattern, sizeof(of_pattern) / sizeof(*of_pattern), 8);
        if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
            continue;
        literal = literal_of(pattern, &n);
        for (int k = 0; n > 0 && k < 8; k++) {
            any(subject, of_subject, sizeof(of_subject) / sizeof(*of_subject), 10);
            if (regexec(&re, subject, 0, NULL, 0) != 0)
                continue;
            matched++;
            if (strstr(subject, literal) == NULL && wrong++ < 5)
                printf("# '%s' matches '%s' without '%s'\n", pattern, subject, literal);
        }
        free(literal);
        regfree(&re);
    }
    is_num(wrong, 0, "random expressions match nothing without their literal");
    ok(matched > 1000, "and %d matched at all", matched);
}

int main(void)
{
    test_known();
    test_random();
    return done_testing();
}
