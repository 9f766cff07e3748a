/*
 * command.h - a line of --control as a command. Pure: no system call, nothing is kept.
 *
 * Owns: how commands are written. Must not know: where lines come from, what commands lead to.
 *
 *     add PATH [LIST] [recursive]     LIST: events and watch flags, joined by commas
 *     remove PATH | remove wd N
 *     list | stats | quit
 *     sync TOKEN
 *
 * Words stand apart by blanks or tabs. A word that begins with a double quote is a JSON string
 * (RFC 8259), which can hold anything but NUL; bytes that are not UTF-8 stand for themselves in it.
 */
#ifndef PYWATCH_COMMAND_H
#define PYWATCH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum command_kind {
    COMMAND_NONE, /* a blank line */
    COMMAND_BAD,  /* not even the name of one */
    COMMAND_ADD,
    COMMAND_REMOVE,
    COMMAND_LIST,
    COMMAND_STATS,
    COMMAND_SYNC,
    COMMAND_QUIT
};

struct command {
    enum command_kind kind;
    struct buf path;  /* ADD, REMOVE: with a NUL at its end; empty where wd is given instead */
    int32_t wd;       /* REMOVE */
    uint32_t events;  /* ADD: 0 where none is named */
    uint32_t flags;   /* ADD: of event.def */
    bool recursive;   /* ADD */
    struct buf token; /* SYNC: not terminated */
    struct buf error; /* what is wrong with it, not terminated; empty: nothing */
};

/*
 * Reads the line, without its newline, into c, which is all zeros or was used before. False: there
 * is a mistake in it, and error says which; kind and what was read up to it are right.
 */
bool command_parse(const char *line, size_t n, struct command *c);
void command_free(struct command *c);

/* "add", "remove" ...; "unknown" for COMMAND_BAD. */
const char *command_name(enum command_kind kind);

#endif
