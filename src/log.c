/*
 * log.c - see log.h.
 *
 * Facility and level are those of inotifywait, for administrators sort by them.
 */
#include "config.h"

#include "log.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "buf.h"

/* The line that has been begun. */
static struct buf line;

static void put_line(void)
{
    const char *text, *name = getprogname();
    size_t len = strlen(name);

    buf_putc(&line, '\0');
    text = line.data;
    if (strncmp(text, name, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        text += len + 2;
    syslog(LOG_INFO, "%s", text);
    line.len = 0;
}

static ssize_t on_write(void *cookie, const char *text, size_t len)
{
    (void)cookie;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            put_line();
        else
            buf_putc(&line, text[i]);
    }
    return (ssize_t)len;
}

/* syslog(3) itself has no way to tell. (EPROTOTYPE: somebody listens, on a socket for streams.) */
static int somebody_listens(void)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno != EPROTOTYPE)
        error = errno;
    close(fd);
    return error;
}

FILE *log_stream(void)
{
    const cookie_io_functions_t ways = { .write = on_write };
    FILE *stream;

    errno = somebody_listens();
    if (errno != 0)
        return NULL;
    openlog(getprogname(), LOG_PID, LOG_DAEMON);
    stream = fopencookie(NULL, "w", ways);
    if (stream == NULL || setvbuf(stream, NULL, _IOLBF, 0) != 0)
        err(1, "out of memory for the log");
    return stream;
}
