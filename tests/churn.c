/*
 * churn.c - churn DIRECTORY FIRST N: N directories are made and removed, one after another, the
 * names counting up from FIRST: for tests of what that leaves behind in a process that watches.
 */
#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char name[32];
    long first, n;

    if (argc != 4)
        errx(1, "usage: churn DIRECTORY FIRST N");
    first = atol(argv[2]);
    n = atol(argv[3]);
    if (chdir(argv[1]) < 0)
        err(1, "%s", argv[1]);
    for (long i = first; i < first + n; i++) {
        snprintf(name, sizeof(name), "churn.%ld", i);
        if (mkdir(name, 0755) < 0 || rmdir(name) < 0)
            err(1, "%s", name);
    }
    return 0;
}
