/*
 * unit_tree.c - the watched directories: paths, moves, hidden nodes, the map of descriptors.
 */
#include "config.h"

#include "names.h"
#include "tap.h"
#include "tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void path_is(const struct tree *t, nodeid id, bool slash, const char *want)
{
    struct buf b = { 0 };

    tree_path(t, id, slash, &b);
    buf_putc(&b, '\0');
    ok(strcmp(b.data, want) == 0, "\"%s\"", want);
    if (strcmp(b.data, want) != 0)
        printf("# got \"%s\"\n", b.data);
    buf_free(&b);
}

static void roots(void)
{
    /* The root as given; with a slash; a child; the child with a slash. */
    static const char *const forms[][4] = {
        { "d", "d/", "d/c", "d/c/" },         { "d/", "d/", "d/c", "d/c/" },
        { "d//", "d//", "d//c", "d//c/" },    { "/", "/", "/c", "/c/" },
        { ".", "./", "./c", "./c/" },         { "..", "../", "../c", "../c/" },
        { "/a/b", "/a/b/", "/a/b/c", "/a/b/c/" }, { "//", "//", "//c", "//c/" },
    };
    struct tree *t = tree_new();
    struct buf b = { 0 };
    nodeid id;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        id = tree_add_root(t, forms[i][0], true);
        path_is(t, id, false, forms[i][0]);
        path_is(t, id, true, forms[i][1]);
        id = tree_add(t, id, "c", 1);
        path_is(t, id, false, forms[i][2]);
        path_is(t, id, true, forms[i][3]);
    }
    id = tree_add_root(t, "file", false);
    path_is(t, id, false, "file");
    path_is(t, id, true, "file");
    is_num((long long)tree_roots(t), 9, "so many roots");
    ok(tree_root(t, 8) == id && strcmp(tree_root_path(t, id), "file") == 0, "each as it was given");
    tree_set_root_path(t, id, "other");
    path_is(t, id, true, "other");
    buf_put(&b, "before ", 7);
    tree_path(t, tree_root(t, 0), true, &b);
    ok(b.len == 9 && memcmp(b.data, "before d/", 9) == 0, "a path is appended");
    buf_free(&b);
    tree_remove(t, id);
    ok(tree_root(t, 8) == NODE_NONE && tree_roots(t) == 9, "a root that is removed leaves a gap");
    tree_free(t);
    tree_free(NULL);
}

static void deep(void)
{
    enum { DEPTH = 10000 };
    struct tree *t = tree_new();
    nodeid top = tree_add_root(t, "r", true), id = top, mid = top;
    char name[256];
    struct buf b = { 0 };
    size_t len = 1, n = 0, i;

    for (i = 0; i < DEPTH; i++) {
        memset(name, 'a' + (int)(i % 26), sizeof(name));
        id = tree_add(t, id, name, i % 255 + 1);
        len += 1 + i % 255 + 1;
        if (i == DEPTH / 2)
            mid = id;
    }
    tree_path(t, id, true, &b);
    ok(b.len == len + 1 && b.data[b.len - 1] == '/', "a path through 10,000 directories");
    for (i = 0, n = 1; i < DEPTH; i++) {
        size_t k = 1;

        n += b.data[n] != '/';
        while (k <= i % 255 + 1 && b.data[n + k] == (char)('a' + i % 26))
            k++;
        n += k;
        if (k != i % 255 + 2)
            break;
    }
    ok(i == DEPTH && n == len, "with every name in its place, up to 255 bytes");
    is_num(tree_depth(t, id), DEPTH, "so deep");
    ok(tree_within(t, id, top) && tree_within(t, id, mid) && tree_within(t, mid, mid) &&
           !tree_within(t, top, id),
       "within all that is above it");
    for (n = 0, id = top; id != NODE_NONE; id = tree_next(t, id, top))
        n++;
    is_num((long long)n, DEPTH + 1, "walked from the top to the bottom");
    tree_move(t, mid, top, "m", 1);
    b.len = 0;
    tree_path(t, mid, false, &b);
    ok(b.len == 3 && memcmp(b.data, "r/m", 3) == 0, "its lower half moved to the top");
    buf_free(&b);
    tree_free(t);
}

static void moves(void)
{
    struct tree *t = tree_new();
    nodeid r = tree_add_root(t, "r", true), s = tree_add_root(t, "s/", true);
    nodeid a = tree_add(t, r, "a", 1), b = tree_add(t, a, "b", 1), c = tree_add(t, b, "c", 1);
    uint64_t before = tree_generation(t);

    path_is(t, c, false, "r/a/b/c");
    tree_move(t, a, s, "new", 3);
    path_is(t, c, true, "s/new/b/c/");
    ok(tree_generation(t) != before, "paths from before are known to be stale");
    ok(tree_find(t, r, "a", 1) == NODE_NONE && tree_find(t, s, "new", 3) == a &&
           tree_find(t, a, "b", 1) == b,
       "found under the new name, and what is below it as before");
    tree_move(t, c, s, "c", 1);
    tree_move(t, b, c, "b", 1);
    path_is(t, b, false, "s/c/b");
    tree_move(t, b, c, "b2", 2);
    path_is(t, b, false, "s/c/b2");
    ok(tree_name(t, b).len == 2 && memcmp(tree_name(t, b).s, "b2", 2) == 0, "its name");

    /* A root that turns out to lie within another. */
    tree_move(t, s, r, "within", 6);
    path_is(t, b, false, "r/within/c/b2");
    ok(tree_root(t, 1) == NODE_NONE && !(tree_node(t, s)->flags & NODE_ROOT) &&
           tree_node(t, s)->parent == r,
       "a root becomes a plain node");
    before = tree_generation(t);
    tree_set_root_path(t, r, "elsewhere");
    path_is(t, b, false, "elsewhere/within/c/b2");
    ok(tree_generation(t) != before, "a root's new path makes all others stale");
    tree_free(t);
}

static void hidden(void)
{
    struct tree *t = tree_new();
    nodeid r = tree_add_root(t, "r", true), old = tree_add(t, r, "a", 1), new, third;

    tree_set_wd(t, old, 5);
    tree_hide(t, old);
    ok(tree_find(t, r, "a", 1) == NODE_NONE && (tree_node(t, old)->flags & NODE_GONE),
       "a hidden node is not found by name");
    ok(tree_by_wd(t, 5) == old, "but by its descriptor");
    path_is(t, old, false, "r/a");
    tree_hide(t, old);
    new = tree_add(t, r, "a", 1);
    ok(tree_find(t, r, "a", 1) == new && new != old, "its name can be used again");
    path_is(t, old, true, "r/a/");
    path_is(t, new, true, "r/a/");
    tree_hide(t, new);
    third = tree_add(t, r, "a", 1);
    tree_set_wd(t, old, -1);
    tree_remove(t, old);
    ok(tree_find(t, r, "a", 1) == third, "and is not lost with the hidden one");
    tree_remove(t, third);
    ok(tree_find(t, r, "a", 1) == NODE_NONE && tree_node(t, r)->child == new,
       "nor is the hidden one with it");
    tree_move(t, new, r, "b", 1);
    ok(tree_find(t, r, "b", 1) == new && !(tree_node(t, new)->flags & NODE_GONE),
       "a hidden node that is moved is hidden no more");
    is_num((long long)tree_count(t), 2, "so many are left");
    tree_free(t);
}

static void descriptors(void)
{
    struct tree *t = tree_new();
    nodeid r = tree_add_root(t, "r", true), ids[200];
    size_t wrong = 0;
    char name[8];

    ok(tree_by_wd(t, -1) == NODE_NONE && tree_by_wd(t, 0) == NODE_NONE, "none at first");
    for (int i = 0; i < 200; i++)
        ids[i] = tree_add(t, r, name, (size_t)snprintf(name, sizeof(name), "%d", i));
    /* The kernel gives them out in a row, up to INT_MAX, and then from 1 again. */
    for (int i = 0; i < 200; i++)
        tree_set_wd(t, ids[i], i < 100 ? INT_MAX - 99 + i : i - 99);
    is_num((long long)tree_armed(t), 200, "all are armed");
    for (int i = 0; i < 200; i++)
        wrong += tree_by_wd(t, i < 100 ? INT_MAX - 99 + i : i - 99) != ids[i];
    is_num((long long)wrong, 0, "found across the end of the numbers");
    for (int i = 0; i < 200; i += 2)
        tree_set_wd(t, ids[i], -1);
    for (int i = 0; i < 200; i++)
        wrong += tree_by_wd(t, i < 100 ? INT_MAX - 99 + i : i - 99) !=
                 (i % 2 ? ids[i] : NODE_NONE);
    is_num((long long)wrong, 0, "every second one taken away");
    tree_set_wd(t, ids[1], tree_node(t, ids[1])->wd);
    is_num((long long)tree_armed(t), 100, "setting it to the same changes nothing");
    /* All with the same place in the table, whatever its size. */
    for (int i = 0; i < 200; i++)
        tree_set_wd(t, ids[i], 65536 * (i + 1));
    for (int i = 0; i < 200; i += 3)
        tree_set_wd(t, ids[i], -1);
    for (int i = 0; i < 200; i++)
        wrong += tree_by_wd(t, 65536 * (i + 1)) != (i % 3 ? ids[i] : NODE_NONE);
    is_num((long long)wrong, 0, "numbers that collide");
    tree_free(t);
}

/* Children of whatever number, each once, and nothing that is outside. */
static void preorder(void)
{
    struct tree *t = tree_new();
    nodeid r = tree_add_root(t, "r", true), a = tree_add(t, r, "a", 1), b = tree_add(t, r, "b", 1);
    nodeid a1 = tree_add(t, a, "1", 1), a2 = tree_add(t, a, "2", 1), x = tree_add(t, a1, "x", 1);
    unsigned seen = 0;
    bool above_first = true;

    for (nodeid id = a; id != NODE_NONE; id = tree_next(t, id, a)) {
        if (id == x)
            above_first = seen & 1u << a1;
        seen |= 1u << id;
    }
    ok(seen == (1u << a | 1u << a1 | 1u << a2 | 1u << x) && above_first,
       "all that is within, parents before children");
    ok(tree_next(t, b, b) == NODE_NONE && tree_next(t, x, x) == NODE_NONE,
       "a leaf is all of itself");
    tree_free(t);
}

static void many(void)
{
    enum { N = 300000 };
    struct tree *t = tree_new();
    nodeid r = tree_add_root(t, "r", true);
    size_t wrong = 0;
    char name[16];

    ok(sizeof(struct node) <= 52, "a node takes %zu bytes", sizeof(struct node));
    for (int i = 0; i < N; i++)
        tree_set_wd(t, tree_add(t, r, name, (size_t)snprintf(name, sizeof(name), "%d", i)), i + 1);
    for (int i = 0; i < N; i++) {
        nodeid id = tree_find(t, r, name, (size_t)snprintf(name, sizeof(name), "%d", i));

        wrong += id == NODE_NONE || tree_by_wd(t, i + 1) != id;
    }
    ok(wrong == 0 && tree_count(t) == N + 1 && tree_armed(t) == N, "300,000 in one directory");
    /* Made and removed over and over: numbers are used again. */
    for (int i = 0; i < 1000000; i++) {
        nodeid id = tree_add(t, r, "again", 5);

        wrong += id > N + 2;
        tree_remove(t, id);
    }
    is_num((long long)wrong, 0, "1,000,000 that come and go take up no more room");
    tree_free(t);
}

static void names(void)
{
    enum { SLOTS = 2000 };
    static struct {
        uint32_t ref;
        uint8_t len;
        char fill;
    } slot[SLOTS];
    struct names *n = names_new();
    uint64_t x = 88172645463325252u;
    uint32_t highest = 0, half = 0;
    size_t wrong = 0;
    char s[255];

    for (int i = 0; i < 1000000; i++) {
        size_t k;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        k = (size_t)(x >> 20) % SLOTS;
        if (slot[k].len > 0) {
            const char *p = names_get(n, slot[k].ref);

            for (size_t c = 0; c < slot[k].len; c++)
                wrong += p[c] != slot[k].fill;
            names_drop(n, slot[k].ref, slot[k].len);
        }
        slot[k].len = (uint8_t)(x >> 40 & 3 ? 1 + (x >> 45) % 20 : 1 + (x >> 45) % 255);
        slot[k].fill = (char)x;
        memset(s, slot[k].fill, sizeof(s));
        slot[k].ref = names_put(n, s, slot[k].len);
        if (slot[k].ref > highest)
            highest = slot[k].ref;
        if (i == 500000)
            half = highest;
    }
    is_num((long long)wrong, 0, "1,000,000 names put and dropped at random");
    ok(highest < half + half / 10, "places are used again (%u units, %u half way)", highest, half);
    names_free(n);
    names_free(NULL);
}

int main(void)
{
    roots();
    deep();
    moves();
    hidden();
    descriptors();
    preorder();
    many();
    names();
    return done_testing();
}
