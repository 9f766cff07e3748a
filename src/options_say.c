/*
 * options_say.c - what there is to say about a mistake on the command line.
 *
 * Owns: the shape of the messages. Must not know: the options, what is right and what is wrong.
 */
#include "config.h"

#include "options_impl.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "visible.h"

void *say_need(void *memory)
{
    if (memory == NULL)
        err(1, "out of memory for the command line");
    return memory;
}

/* One call, so that lines of several processes do not mix on a shared stderr. */
static void __attribute__((format(printf, 2, 0)))
put(const char *prefix, const char *fmt, va_list ap)
{
    char *text;

    if (vasprintf(&text, fmt, ap) < 0)
        err(1, "out of memory for a message");
    fprintf(stderr, "%s%s%s\n", prefix, *prefix != '\0' ? ": " : "", text);
    free(text);
}

int say(const struct parse *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(p->program, fmt, ap);
    va_end(ap);
    return MISTAKE;
}

int say_shared(const struct parse *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(p->o->as_inotifywait ? "" : p->program, fmt, ap);
    va_end(ap);
    return MISTAKE;
}

int say_exactly(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put("", fmt, ap);
    va_end(ap);
    return MISTAKE;
}

int say_value(const struct parse *p, int id, const char *value, const char *what,
              const char *accepted)
{
    char *seen = visible(value);

    fprintf(stderr, "%s: --%s: '%s' %s; accepted: %s\n", p->program, option_name(id), seen, what,
            accepted);
    free(seen);
    return MISTAKE;
}
