/*
 * unit_noise.c - which OPEN, ACCESS and CLOSE_NOWRITE are taken to be our own.
 */
#include "config.h"

#include "noise.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define BOTH (NOISE_OPEN | NOISE_CLOSE)
#define ALL (IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE)

/*
 * Works off letters: o OPEN, a ACCESS, c CLOSE_NOWRITE. The verdicts as letters: . somebody
 * else's, x ours, L late.
 */
static void works(struct noise *n, const char *records, const char *verdicts, const char *what)
{
    char got[32];
    size_t i;

    for (i = 0; records[i] != '\0'; i++) {
        uint32_t mask = records[i] == 'o'   ? IN_OPEN
                        : records[i] == 'a' ? IN_ACCESS
                                            : IN_CLOSE_NOWRITE;

        switch (noise_ours(n, 1, "d", 1, mask | IN_ISDIR)) {
        case NOISE_OTHER:
            got[i] = '.';
            break;
        case NOISE_OURS:
            got[i] = 'x';
            break;
        case NOISE_LATE:
            got[i] = 'L';
            break;
        }
    }
    got[i] = '\0';
    ok(strcmp(got, verdicts) == 0, "%s: %s -> %s", what, records, verdicts);
    if (strcmp(got, verdicts) != 0)
        printf("# got \"%s\"\n", got);
}

static void one_listing(void)
{
    struct noise *n = noise_new(ALL);

    ok(noise_empty(n), "nothing is expected at first");
    works(n, "oac", "...", "with nothing expected, all is somebody else's");
    noise_expect(n, 1, "d", 1, BOTH);
    ok(!noise_empty(n), "now something is expected");
    works(n, "oac", "xxx", "a listing is ours");
    ok(noise_empty(n), "and no more is expected");
    works(n, "oac", "...", "what comes after that is somebody else's");
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "oaaaac", "xxxxxx", "a long listing is read in several steps");
    ok(noise_empty(n), "and is over with its end");
    noise_expect(n, 1, "d", 1, NOISE_CLOSE);
    works(n, "ac", "xx", "opened before the watch was there");
    ok(noise_empty(n), "and is over with its end");
    noise_free(n);
}

static void two_listings(void)
{
    struct noise *n = noise_new(ALL);

    noise_expect(n, 1, "d", 1, BOTH);
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "oacoac", "xxxxxx", "listed twice, one after the other");
    ok(noise_empty(n), "and no more is expected");
    noise_expect(n, 1, "d", 1, BOTH);
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "oac", "xxx", "listed twice, the first");
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "oacoacoac", "xxxxxx...", "a third is expected before the second has come");
    noise_free(n);
}

/* The kernel does not say who it was: but for each of ours, no more than one is dropped. */
static void somebody_else(void)
{
    struct noise *n = noise_new(ALL);

    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "c", ".", "a close before any open is not ours");
    works(n, "a", ".", "nor is reading before any open");
    works(n, "oc", "xL", "opened and closed without being read: not ours, and the OPEN comes late");
    works(n, "oac", "xxx", "ours is still recognised behind it");
    ok(noise_empty(n), "and no more is expected");
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "ooacc", "x.xx.", "of two at a time, one is dropped and one is printed");
    ok(noise_empty(n), "and no more is expected");
    noise_expect(n, 1, "d", 1, NOISE_CLOSE);
    works(n, "ocac", "..xx", "somebody opens and closes it while we list it");
    ok(noise_empty(n), "and no more is expected");
    noise_free(n);
}

static void keys(void)
{
    struct noise *n = noise_new(ALL);
    char name[16];
    size_t wrong = 0;

    noise_expect(n, 1, "d", 1, BOTH);
    noise_expect(n, 2, NULL, 0, BOTH);
    ok(noise_ours(n, 2, "d", 1, IN_OPEN) == NOISE_OTHER, "the same name in another directory");
    ok(noise_ours(n, 1, "e", 1, IN_OPEN) == NOISE_OTHER, "another name in the same directory");
    ok(noise_ours(n, 1, "dd", 2, IN_OPEN) == NOISE_OTHER, "a longer name");
    ok(noise_ours(n, 1, NULL, 0, IN_OPEN) == NOISE_OTHER, "the directory itself");
    ok(noise_ours(n, 2, NULL, 0, IN_OPEN) == NOISE_OURS, "expected of the directory itself");
    ok(noise_ours(n, 1, "d", 1, IN_OPEN) == NOISE_OURS, "expected of the entry");
    noise_clear(n);
    ok(noise_empty(n), "cleared");
    ok(noise_ours(n, 1, "d", 1, IN_CLOSE_NOWRITE) == NOISE_OTHER, "nothing is ours any more");

    for (int i = 0; i < 5000; i++)
        noise_expect(n, i % 50, name, (size_t)snprintf(name, sizeof(name), "%d", i), BOTH);
    for (int i = 4999; i >= 0; i--) {
        size_t len = (size_t)snprintf(name, sizeof(name), "%d", i);

        wrong += noise_ours(n, i % 50, name, len, IN_OPEN) != NOISE_OURS;
        wrong += noise_ours(n, i % 50, name, len, IN_ACCESS) != NOISE_OURS;
        wrong += noise_ours(n, i % 50, name, len, IN_CLOSE_NOWRITE) != NOISE_OURS;
    }
    ok(wrong == 0 && noise_empty(n), "5,000 directories at a time");
    noise_free(n);
}

static void renamed(void)
{
    struct noise *n = noise_new(ALL);

    noise_expect(n, 1, "old", 3, BOTH);
    noise_moved(n, 1, "old", 3, 1, "d", 1);
    works(n, "oac", "xxx", "renamed before it was opened");
    ok(noise_empty(n), "and nothing is expected under the old name");

    noise_expect(n, 5, "old", 3, BOTH);
    ok(noise_ours(n, 5, "old", 3, IN_OPEN) == NOISE_OURS, "opened under the old name");
    noise_moved(n, 5, "old", 3, 1, "d", 1);
    works(n, "ac", "xx", "read and closed under the new one");
    ok(noise_empty(n), "and no more is expected");

    noise_expect(n, 5, "old", 3, BOTH);
    (void)noise_ours(n, 5, "old", 3, IN_OPEN);
    (void)noise_ours(n, 5, "old", 3, IN_ACCESS);
    noise_moved(n, 5, "old", 3, 1, "d", 1);
    works(n, "c", "x", "read under the old name, closed under the new one");
    ok(noise_empty(n), "and no more is expected");

    noise_moved(n, 9, "none", 4, 1, "d", 1);
    ok(noise_empty(n), "of a name with nothing expected, nothing is moved");
    noise_free(n);
    noise_free(NULL);
}

/* A listing, and then one more by somebody else, where the kernel tells only some of it. */
static void some_asked(void)
{
    static const struct {
        uint32_t asked;
        const char *records, *verdicts;
    } c[] = {
        { IN_OPEN, "oo", "x." },
        { IN_CLOSE_NOWRITE, "cc", "x." },
        { IN_OPEN | IN_CLOSE_NOWRITE, "ococ", "xx.." },
        { IN_ACCESS | IN_CLOSE_NOWRITE, "aacac", "xxx.." },
        { IN_OPEN | IN_ACCESS, "oaao", "xxx." },
        { IN_ACCESS, "aa", "xx" }, /* nothing tells where the one ends */
    };

    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        struct noise *n = noise_new(c[i].asked);

        noise_expect(n, 1, "d", 1, BOTH);
        works(n, c[i].records, c[i].verdicts, "some bits alone are asked for");
        noise_free(n);
    }
}

static void bare_without_access(void)
{
    struct noise *n = noise_new(IN_OPEN | IN_CLOSE_NOWRITE);

    noise_expect(n, 1, "d", 1, BOTH | NOISE_BARE);
    noise_expect(n, 1, "d", 1, BOTH);
    works(n, "ocococ", "xxxx..", "a file and a listing, without ACCESS");
    ok(noise_empty(n), "and no more is expected");
    noise_free(n);
}

int main(void)
{
    one_listing();
    two_listings();
    somebody_else();
    keys();
    renamed();
    some_asked();
    bare_without_access();
    return done_testing();
}
