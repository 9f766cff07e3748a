/*
 * unit_decode.c - the bytes of an inotify read as records: whole, padded, cut short, broken.
 */
#include "config.h"

#include "decode.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define HEAD sizeof(struct inotify_event)

/* Bytes on the heap, just as many as there are: a read past the end is seen by ASan or valgrind. */
static char *exactly(const void *p, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);

    if (copy == NULL)
        abort();
    if (n > 0)
        memcpy(copy, p, n);
    return copy;
}

/* Puts a record with a name field of `len` bytes that begins with `name`, NULs behind it. */
static size_t put(char *at, int32_t wd, uint32_t mask, uint32_t cookie, const char *name,
                  uint32_t len)
{
    struct inotify_event ev = { .wd = wd, .mask = mask, .cookie = cookie, .len = len };

    memcpy(at, &ev, HEAD);
    memset(at + HEAD, 0, len);
    memcpy(at + HEAD, name, strlen(name) < len ? strlen(name) : len);
    return HEAD + len;
}

static void fields(void)
{
    char bytes[HEAD + 16];
    struct raw r = { 0 };

    put(bytes, 7, IN_CREATE | IN_ISDIR, 99, "name", 16);
    is_num((long long)decode(bytes, sizeof(bytes), &r), sizeof(bytes), "a record takes all of it");
    ok(r.wd == 7 && r.mask == (IN_CREATE | IN_ISDIR) && r.cookie == 99, "its numbers");
    ok(r.namelen == 4 && memcmp(r.name, "name", 5) == 0, "its name, without padding, NUL behind");
    ok(r.name == bytes + HEAD, "which points into the bytes");

    put(bytes, -1, IN_Q_OVERFLOW, 0, "", 0);
    is_num((long long)decode(bytes, sizeof(bytes), &r), HEAD, "a record without a name");
    ok(r.wd == -1 && r.mask == IN_Q_OVERFLOW && r.namelen == 0, "is an overflow");
}

static void names(void)
{
    static const uint32_t room[] = { 16, 32, 48, 64, 256 };
    char bytes[HEAD + 256], name[256];
    struct raw r;
    size_t wrong = 0;

    for (size_t i = 0; i < sizeof(room) / sizeof(room[0]); i++)
        for (uint32_t len = 0; len < room[i]; len++) {
            memset(name, 'x', len);
            name[len] = '\0';
            put(bytes, 1, IN_OPEN, 0, name, room[i]);
            wrong += decode(bytes, HEAD + room[i], &r) != HEAD + room[i] || r.namelen != len ||
                     memcmp(r.name, name, len + 1) != 0;
        }
    is_num((long long)wrong, 0, "every length of name with every padding");

    memset(name, 'y', 255);
    name[255] = '\0';
    put(bytes, 1, IN_OPEN, 0, name, 256);
    ok(decode(bytes, RAW_MAX, &r) == RAW_MAX && r.namelen == 255,
       "the longest name is as long as RAW_MAX allows");

    memset(name, 'z', 16);
    name[16] = '\0';
    put(bytes, 1, IN_OPEN, 0, name, 16);
    ok(decode(bytes, HEAD + 16, &r) == HEAD + 16 && r.namelen == 16,
       "a name field without a NUL ends where the record ends");

    put(bytes, 1, IN_OPEN, 0, "a\nb\x01\xff", 16);
    ok(decode(bytes, HEAD + 16, &r) > 0 && r.namelen == 5 && memcmp(r.name, "a\nb\x01\xff", 5) == 0,
       "odd bytes of a name are left as they are");
}

static void cut_short(void)
{
    char bytes[HEAD + 32];
    struct raw r;
    size_t wrong = 0;

    put(bytes, 1, IN_OPEN, 0, "abc", 32);
    for (size_t n = 0; n < sizeof(bytes); n++) {
        char *p = exactly(bytes, n);

        wrong += decode(p, n, &r) != 0;
        free(p);
    }
    is_num((long long)wrong, 0, "a record that is not all there is refused, wherever it is cut");
}

static void broken(void)
{
    static const uint32_t lens[] = { 33, 0x7fffffff, 0x80000000, 0xffffffef, 0xfffffff0,
                                     0xffffffff };
    char bytes[HEAD + 32];
    struct raw r;

    put(bytes, 1, IN_OPEN, 0, "abc", 32);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        char *p = exactly(bytes, sizeof(bytes));

        memcpy(p + offsetof(struct inotify_event, len), &lens[i], sizeof(lens[i]));
        ok(decode(p, sizeof(bytes), &r) == 0, "a length of 0x%x in 32 bytes is refused",
           (unsigned)lens[i]);
        free(p);
    }
}

static void in_a_row(void)
{
    char bytes[512], *p;
    size_t n = 0, at = 0, count = 0, got;
    struct raw r;
    bool good = true;

    for (int32_t i = 0; i < 8; i++)
        n += put(bytes + n, i, IN_OPEN, 0, i % 2 ? "a name of 20 letters" : "", i % 2 ? 32 : 0);
    memset(bytes + n, 0x55, 11); /* the end is not that of a record */
    p = exactly(bytes, n + 11);
    while ((got = decode(p + at, n + 11 - at, &r)) > 0) {
        good = good && r.wd == (int32_t)count && r.namelen == (count % 2 ? 20 : 0);
        count++;
        at += got;
    }
    ok(good && count == 8 && at == n, "records in a row, and the bytes behind them are refused");
    free(p);

    /* The kernel rounds names up to whole headers, but that is not for decode to demand. */
    n = put(bytes, 1, IN_OPEN, 0, "abc", 5);
    p = exactly(bytes, n);
    ok(decode(p, n, &r) == n && r.namelen == 3, "a name field of a length that is not aligned");
    free(p);
}

/* Whatever the bytes are: nothing past the end is read, and the name lies within. */
static void random_bytes(void)
{
    uint64_t x = 88172645463325252u;
    size_t wrong = 0;

    for (int round = 0; round < 200000; round++) {
        size_t n, got;
        char *p;
        struct raw r;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        n = (size_t)(x >> 20) % 80;
        p = malloc(n > 0 ? n : 1);
        for (size_t i = 0; i < n; i++)
            p[i] = (char)(x >> (i % 57));
        if (n >= HEAD && round % 4 != 0)
            memset(p + offsetof(struct inotify_event, len) + 1, 0, 3);
        got = decode(p, n, &r);
        if (got > 0)
            wrong += got > n || r.name + r.namelen > p + got;
        free(p);
    }
    is_num((long long)wrong, 0, "200,000 records of random bytes stay within their bytes");
}

int main(void)
{
    fields();
    names();
    cut_short();
    broken();
    in_a_row();
    random_bytes();
    return done_testing();
}
