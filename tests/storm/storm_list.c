/*
 * storm_list.c - see storm_list.h.
 */
#include "config.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm_list.h"

struct walk {
    char *path;
    size_t len, cap;
    void (*each)(void *arg, struct text path, bool dir);
    void *arg;
};

static void append(struct walk *w, const char *name)
{
    size_t n = strlen(name);

    if (w->len + n + 2 > w->cap) {
        w->cap = (w->len + n + 2) * 2;
        if ((w->path = realloc(w->path, w->cap)) == NULL)
            err(2, "malloc");
    }
    if (w->len > 0)
        w->path[w->len++] = '/';
    memcpy(w->path + w->len, name, n);
    w->len += n;
}

/* Nothing changes while this runs: what cannot be read is an error of the test. */
static void walk(struct walk *w, int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    size_t len = w->len;
    const struct dirent *d;
    struct stat st;
    DIR *list;

    if (fd < 0 || (list = fdopendir(fd)) == NULL)
        err(2, "%.*s", (int)w->len, w->path != NULL ? w->path : "");
    while ((d = readdir(list)) != NULL) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            err(2, "%s", d->d_name);
        w->len = len;
        append(w, d->d_name);
        w->each(w->arg, (struct text){ w->path, w->len }, S_ISDIR(st.st_mode));
        if (S_ISDIR(st.st_mode))
            walk(w, fd, d->d_name);
    }
    w->len = len;
    closedir(list);
}

void list_disk(const char *root, void (*each)(void *arg, struct text path, bool dir), void *arg)
{
    struct walk w = { .each = each, .arg = arg };
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        err(2, "%s", root);
    walk(&w, fd, ".");
    close(fd);
    free(w.path);
}

static void write_one(void *arg, struct text path, bool dir)
{
    FILE *out = arg;

    fputc(dir ? 'd' : 'f', out);
    fwrite(path.s, 1, path.len, out);
    fputc('\0', out);
}

void list_write(const char *root, FILE *out)
{
    list_disk(root, write_one, out);
}

void list_read(const char *file, void (*each)(void *arg, struct text path, bool dir), void *arg)
{
    FILE *in = fopen(file, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (in == NULL)
        err(2, "%s", file);
    while ((n = getdelim(&line, &cap, '\0', in)) > 1)
        each(arg, (struct text){ line + 1, (size_t)n - 2 }, line[0] == 'd');
    free(line);
    fclose(in);
}
