/*
 * unit_spelled.c - under which names a path would be printed.
 */
#include "config.h"

#include "spelled.h"
#include "tap.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* roots, paths: words between blanks. want: what comes of them, joined by blanks. */
static char **words(char *line, size_t *n)
{
    static char *list[2][8];
    static int which;
    char **l = list[which ^= 1];

    *n = 0;
    for (char *w = strtok(line, " "); w != NULL; w = strtok(NULL, " "))
        l[(*n)++] = w;
    return l;
}

static void check(const char *roots, const char *paths, const char *want)
{
    char r[256], p[256], got[1024] = "";
    size_t nr, np, n;
    char **rv, **pv, **list;

    snprintf(r, sizeof(r), "%s", roots);
    snprintf(p, sizeof(p), "%s", paths);
    rv = words(r, &nr);
    pv = words(p, &np);
    list = spelled(rv, nr, pv, np, &n);
    for (size_t i = 0; i < n; i++) {
        strlcat(got, i > 0 ? " " : "", sizeof(got));
        strlcat(got, list[i], sizeof(got));
        free(list[i]);
    }
    ok(list[n] == NULL && strcmp(got, want) == 0, "%s in %s: '%s'", paths, roots, got);
    free(list);
}

int main(void)
{
    char dir[] = "/tmp/unit_spelled.XXXXXX", *command;

    if (mkdtemp(dir) == NULL || chdir(dir) < 0 || system("mkdir -p d/s; ln -s d/s l; >d/f") != 0)
        err(1, "%s", dir);
    check("d", "d/f", "d/f");
    check("d/", "./d/f", "d/f");
    check("d//", "d//f", "d//f");
    check(".", "d/f", "./d/f");
    check("./", "d/../d/./f", "./d/f");
    check("d d/s", "d/s/x d/f", "d/s/x d/f d/s/x");
    check("l", "d/s/x", "l/x");
    check("d/s", "l/x", "d/s/x");
    /* The last name is that of the entry itself, which may be a link. */
    check(".", "l", "./l");
    check("d", "l", "");
    check("d", "d/later/on/x", "d/later/on/x");
    check("d", "d/later/../x", "");
    check("d", "x", "");
    check("d", "dd", "");
    check("d", "d", "");
    check("d", "d/f/ d/. d/.. . / d/", "");
    check("d/f", "d/f", "");
    check("missing", "missing/x", "");
    check("/", "/x /etc/x", "/x /etc/x");
    check("/etc", "/etc/x /x /etcetera", "/etc/x");
    check("d", "", "");
    if (chdir("/") == 0 && asprintf(&command, "rm -rf %s", dir) > 0) {
        (void)!system(command);
        free(command);
    }
    return done_testing();
}
