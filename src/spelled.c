/*
 * spelled.c - see spelled.h.
 */
#include "config.h"

#include "spelled.h"

#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static void *need(void *memory)
{
    if (memory == NULL)
        err(1, "out of memory for paths");
    return memory;
}

static bool is_dots(const char *name, size_t len)
{
    return len <= 2 && strncmp(name, "..", len) == 0;
}

static char *joined(const char *dir, const char *name, size_t len)
{
    struct buf b = { 0 };
    size_t dirlen = strlen(dir);

    buf_put(&b, dir, dirlen);
    if (dirlen > 0 && dir[dirlen - 1] != '/')
        buf_putc(&b, '/');
    buf_put(&b, name, len);
    buf_putc(&b, '\0');
    return b.data;
}

/*
 * The first `len` bytes of a path, as an absolute one. What its last name is does not matter, a
 * link stays one; those before it may also be missing. NULL where the last one is no name.
 */
static char *absolute(const char *path, size_t len)
{
    const char *slash = memrchr(path, '/', len);
    const char *name = slash != NULL ? slash + 1 : path;
    size_t namelen = (size_t)(path + len - name), dirlen = (size_t)(name - path);
    char *dir, *real, *whole;

    if (is_dots(name, namelen))
        return NULL;
    dir = need(dirlen > 0 ? strndup(path, dirlen) : strdup("."));
    real = realpath(dir, NULL);
    free(dir);
    while (dirlen > 1 && path[dirlen - 1] == '/')
        dirlen--;
    if (real == NULL && dirlen > 0 && path[dirlen - 1] != '/')
        real = absolute(path, dirlen);
    if (real == NULL)
        return NULL;
    whole = joined(real, name, namelen);
    free(real);
    return whole;
}

/* What comes behind dir in path; NULL where path is not below it. */
static const char *below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    if (strncmp(path, dir, len) != 0)
        return NULL;
    if (dir[len - 1] == '/')
        return path + len;
    return path[len] == '/' ? path + len + 1 : NULL;
}

char **spelled(char *const *roots, size_t nroots, char *const *paths, size_t npaths, size_t *n)
{
    char **list = need(calloc(1, sizeof(*list)));
    char **whole = need(calloc(npaths + 1, sizeof(*whole)));

    *n = 0;
    for (size_t i = 0; i < npaths; i++)
        whole[i] = absolute(paths[i], strlen(paths[i]));
    for (size_t r = 0; r < nroots && npaths > 0; r++) {
        char *real = realpath(roots[r], NULL);

        for (size_t i = 0; i < npaths && real != NULL; i++) {
            const char *rest = whole[i] != NULL ? below(whole[i], real) : NULL;

            if (rest == NULL)
                continue;
            list = need(reallocarray(list, *n + 2, sizeof(*list)));
            list[(*n)++] = joined(roots[r], rest, strlen(rest));
            list[*n] = NULL;
        }
        free(real);
    }
    for (size_t i = 0; i < npaths; i++)
        free(whole[i]);
    free(whole);
    return list;
}
