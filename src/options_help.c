/*
 * options_help.c - --help and --version.
 *
 * Owns: the layout, for 80 columns. Must not know: what an option does; every line about one comes
 * from a table (options.def, event.def, format.def), so that help cannot fall behind.
 */
#include "config.h"

#include "options_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WIDTH 79 /* a line of 80 makes some terminals put an empty one after it */
#define INDENT 2

/* The text in lines from `column` on, the first of which has been begun up to `at`. */
static void wrap(const char *text, int at, int column)
{
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (at > column && at + 1 + len > WIDTH) {
            putchar('\n');
            at = 0;
        }
        if (at > column)
            at += printf(" ");
        else
            at += printf("%*s", column - at, "");
        at += printf("%.*s", len, text);
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void item(const char *left, const char *help, int column)
{
    int at = printf("%*s%s", INDENT, "", left);

    if (at >= column) {
        putchar('\n');
        at = 0;
    }
    wrap(help, at, column);
}

static void option_item(const struct option_row *row)
{
    static const char *const before[] = { [ARG_NONE] = "", [ARG_VALUE] = " ", [ARG_MAYBE] = "[=" };
    char left[80];
    char letter[5] = "    ";

    if (row->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", row->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s%s", letter, row->name, before[row->arg],
             row->metavar != NULL ? row->metavar : "", row->arg == ARG_MAYBE ? "]" : "");
    item(left, row->help, 26);
}

static void options_part(void)
{
    for (size_t i = 0; i < option_nrows; i++) {
        const struct option_row *row = &option_rows[i];

        if (row->name != NULL && row->help != NULL)
            option_item(row);
        else if (row->name == NULL && row->help != NULL)
            item(row->heading, row->help, 26);
        else if (row->name == NULL)
            printf("\n%s:\n", row->heading);
    }
}

static void exit_part(void)
{
    printf("\nExit status:\n");
    item("0", "an event that was asked for came", 5);
    item("1", "an error, or an event that was not asked for ended the run", 5);
    item("2", "--timeout ran out", 5);
}

static void events_part(void)
{
    printf("\nEvents, in either case, with or without IN_:\n");
#define EVENT(name, mask, help) item(#name, help, 18);
#define EVENT_JOINT(name, mask, help) item(#name, help, 18);
#include "event.def"
    printf("\nGroups of events:\n");
#define EVENT_GROUP(name, mask, help) item(#name, help, 18);
#include "event.def"
    printf("\nWatch flags:\n");
#define WATCH_FLAG(name, mask, help) item(#name, help, 18);
#include "event.def"
}

static void conversions_part(void)
{
    printf("\nConversions of --format:\n");
#define FORMAT_CONVERSION(spelled, help) item("%" spelled, help, 8);
#include "format.def"
}

static int written(const struct parse *p, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return say(p, "standard output: %s", strerror(errno));
}

/* Scripts look at the first lines to learn whose help it is; they are as inotifywait has them. */
static void classic_start(void)
{
    printf("inotifywait 3.22.6.0\n"
           "Wait for a particular event on a file or set of files.\n"
           "Usage: inotifywait [ options ] file1 [ file2 ] [ file3 ] [ ... ]\n"
           "Options:\n");
}

int help_print(const struct parse *p)
{
    if (p->o->as_inotifywait)
        classic_start();
    else
        printf("Usage: pywatch [OPTION]... PATH...\n"
               "Tell what happens to files and directories, one record an event.\n");
    options_part();
    exit_part();
    events_part();
    conversions_part();
    if (p->o->as_inotifywait)
        printf("\nThis is %s under the name of inotifywait.\n", PACKAGE_STRING);
    return written(p, p->o->as_inotifywait ? 1 : 0);
}

int version_print(const struct parse *p)
{
    printf("%s %s\n"
           "Licence: MIT. This is free software: use it, change it and pass it on as you like.\n"
           "There is no warranty, as far as the law allows.\n",
           PACKAGE_NAME, PACKAGE_VERSION);
    return written(p, 0);
}
