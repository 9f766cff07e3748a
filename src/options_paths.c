/*
 * options_paths.c - what to watch and what to leave out, from operands and --fromfile.
 *
 * Owns: the lists of paths, and what '@' means. Must not know: whether the paths exist.
 */
#include "config.h"

#include "options_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "visible.h"

void list_add(struct list *l, const char *s, size_t len)
{
    /* Room for n strings and the NULL; it doubles whenever that is a power of two. */
    if ((l->n & (l->n + 1)) == 0)
        l->v = say_need(reallocarray(l->v, 2 * (l->n + 1), sizeof(*l->v)));
    l->v[l->n] = say_need(strndup(s, len));
    l->v[++l->n] = NULL;
}

void list_free(struct list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i]);
    free(l->v);
    l->v = NULL;
    l->n = 0;
}

static int add_path(const struct parse *p, const char *s, size_t len)
{
    bool at = len > 0 && *s == '@';

    if (len > at)
        list_add(at ? &p->o->excluded : &p->o->paths, s + at, len - at);
    else if (p->o->as_inotifywait)
        return GO_ON; /* it passes both over, and "$unset" and "@$unset" stand in scripts */
    else if (at)
        return say(p, "'@' alone leaves nothing out; accepted: @PATH");
    else
        return say(p, "'' is not a path; accepted: the name of a file or directory");
    return GO_ON;
}

/*
 * All but the newline belongs to the name; a blank line names nothing and is passed over. `seen` is
 * the name of the file for messages.
 */
static int read_lines(const struct parse *p, const char *seen, FILE *in)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t len;
    int status = GO_ON;

    while (status == GO_ON && (len = getline(&line, &room, in)) > 0) {
        number++;
        len -= line[len - 1] == '\n';
        if (memchr(line, '\0', (size_t)len) != NULL)
            status = say(p, "--fromfile: line %zu of %s holds a NUL byte, which no path can",
                         number, seen);
        else if (len > 0)
            status = add_path(p, line, (size_t)len);
    }
    if (status == GO_ON && ferror(in))
        status = say_exactly("Couldn't read %s: %s", seen, strerror(errno));
    free(line);
    return status;
}

static int read_file(const struct parse *p, const char *file, const char *seen)
{
    FILE *in = fopen(file, "re");
    int status;

    if (in == NULL) {
        say_exactly("Couldn't open %s: %s", seen, strerror(errno));
        /* inotifywait goes on with the paths that it has; here they might be half of the work. */
        return p->o->as_inotifywait ? GO_ON : MISTAKE;
    }
    status = read_lines(p, seen, in);
    fclose(in);
    return status;
}

int paths_from_file(const struct parse *p, const char *file)
{
    char *seen;
    int status;

    if (strcmp(file, "-") == 0)
        return read_lines(p, "standard input", stdin);
    seen = visible(file);
    status = read_file(p, file, seen);
    free(seen);
    return status;
}

int paths_from_operands(const struct parse *p, char **operands)
{
    int status = GO_ON;

    for (; status == GO_ON && *operands != NULL; operands++)
        status = add_path(p, *operands, strlen(*operands));
    return status;
}
