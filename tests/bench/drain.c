/*
 * drain.c - a reader that is never the slow one: reads stdin, prints how many lines there were.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    static char in[1 << 20];
    unsigned long lines = 0;
    ssize_t n;

    (void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, (int)sizeof(in));
    while ((n = read(STDIN_FILENO, in, sizeof(in))) > 0)
        for (ssize_t i = 0; i < n; i++)
            lines += in[i] == '\n';
    if (n < 0)
        err(1, "read");
    printf("%lu\n", lines);
    return 0;
}
