/*
 * command.c - see command.h.
 */
#include "config.h"

#include "command.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

#define SHOWN 64 /* bytes of a wrong word that a message repeats */

static const char *const names[] = {
    [COMMAND_NONE] = "",         [COMMAND_BAD] = "unknown", [COMMAND_ADD] = "add",
    [COMMAND_REMOVE] = "remove", [COMMAND_LIST] = "list",   [COMMAND_STATS] = "stats",
    [COMMAND_SYNC] = "sync",     [COMMAND_QUIT] = "quit",
};

struct line {
    const char *at, *end;
    struct command *c;
    struct buf word;
    bool quoted; /* the word was */
};

const char *command_name(enum command_kind kind)
{
    return names[kind];
}

void command_free(struct command *c)
{
    buf_free(&c->path);
    buf_free(&c->token);
    buf_free(&c->error);
}

static void put_text(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

static bool fault(struct line *l, const char *what)
{
    l->c->error.len = 0;
    put_text(&l->c->error, what);
    return false;
}

/* "'WORD' WHAT ACCEPTED". The bytes of the word are for whoever prints the error to make safe. */
static bool word_fault(struct line *l, const char *s, size_t n, const char *what,
                       const char *accepted)
{
    struct buf *e = &l->c->error;

    e->len = 0;
    buf_putc(e, '\'');
    buf_put(e, s, n < SHOWN ? n : SHOWN);
    put_text(e, n < SHOWN ? "'" : "...'");
    put_text(e, what);
    put_text(e, accepted);
    return false;
}

/* The four digits of \uXXXX; -1: they are none. */
static long unit(const char *s, const char *end)
{
    long n = 0;

    if (end - s < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = s[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        n = n << 4 | digit;
    }
    return n;
}

static void put_utf8(struct buf *b, long cp)
{
    if (cp < 0x80) {
        buf_putc(b, (char)cp);
        return;
    }
    if (cp < 0x800) {
        buf_putc(b, (char)(0xc0 | cp >> 6));
    } else {
        if (cp < 0x10000) {
            buf_putc(b, (char)(0xe0 | cp >> 12));
        } else {
            buf_putc(b, (char)(0xf0 | cp >> 18));
            buf_putc(b, (char)(0x80 | (cp >> 12 & 63)));
        }
        buf_putc(b, (char)(0x80 | (cp >> 6 & 63)));
    }
    buf_putc(b, (char)(0x80 | (cp & 63)));
}

/* Behind "\u": one character, which may take a second escape. */
static bool read_unicode(struct line *l)
{
    long cp = unit(l->at, l->end), low;

    if (cp < 0)
        return fault(l, "\\u in a quoted word needs four hexadecimal digits");
    l->at += 4;
    if (cp >= 0xd800 && cp <= 0xdfff) {
        low = cp <= 0xdbff && l->end - l->at >= 6 && l->at[0] == '\\' && l->at[1] == 'u'
                  ? unit(l->at + 2, l->end)
                  : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fault(l, "half of a surrogate pair in a quoted word");
        l->at += 6;
        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    }
    if (cp == 0)
        return fault(l, "a NUL in a quoted word");
    put_utf8(&l->word, cp);
    return true;
}

static bool read_escape(struct line *l)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char *hit;
    char c;

    if (l->at == l->end)
        return fault(l, "a quoted word without its end");
    c = *l->at++;
    if (c == 'u')
        return read_unicode(l);
    hit = strchr(letters, c);
    if (c == '\0' || hit == NULL)
        return fault(l, "an escape in a quoted word that JSON does not have");
    buf_putc(&l->word, bytes[hit - letters]);
    return true;
}

static bool read_quoted(struct line *l)
{
    l->at++;
    while (l->at < l->end && *l->at != '"') {
        if (*l->at != '\\')
            buf_putc(&l->word, *l->at++);
        else if (l->at++, !read_escape(l))
            return false;
    }
    if (l->at == l->end)
        return fault(l, "a quoted word without its end");
    l->at++;
    if (l->at < l->end && *l->at != ' ' && *l->at != '\t')
        return fault(l, "a quoted word with more behind its end");
    return true;
}

static void skip_blanks(struct line *l)
{
    while (l->at < l->end && (*l->at == ' ' || *l->at == '\t'))
        l->at++;
}

static bool at_end(struct line *l)
{
    skip_blanks(l);
    return l->at == l->end;
}

/* False with a fault; at the end of the line the word is empty, and not quoted. */
static bool next_word(struct line *l)
{
    l->word.len = 0;
    l->quoted = !at_end(l) && *l->at == '"';
    if (l->quoted)
        return read_quoted(l);
    while (l->at < l->end && *l->at != ' ' && *l->at != '\t')
        buf_putc(&l->word, *l->at++);
    return true;
}

static bool is(const struct line *l, const char *s)
{
    return !l->quoted && l->word.len == strlen(s) && memcmp(l->word.data, s, l->word.len) == 0;
}

static bool no_more(struct line *l, const char *accepted)
{
    if (at_end(l))
        return true;
    return fault(l, accepted);
}

static bool read_path(struct line *l, const char *accepted)
{
    if (l->word.len == 0)
        return fault(l, accepted);
    buf_put(&l->c->path, l->word.data, l->word.len);
    buf_putc(&l->c->path, '\0');
    return true;
}

static bool read_list(struct line *l)
{
    const char *s = l->word.data, *end = s + l->word.len;

    for (;;) {
        const char *comma = memchr(s, ',', (size_t)(end - s));
        size_t n = (size_t)((comma != NULL ? comma : end) - s);
        uint32_t one = 0;

        if (event_mask(s, n, &one)) {
            l->c->events |= one;
        } else if (event_flag(s, n, &one)) {
            l->c->flags |= one;
        } else {
            word_fault(l, s, n, " is neither an event nor a watch flag; accepted: ", event_list());
            put_text(&l->c->error, ", ");
            put_text(&l->c->error, event_flag_list());
            return false;
        }
        if (comma == NULL)
            break;
        s = comma + 1;
    }
    /* inotify_add_watch(2) would give EINVAL. */
    if ((l->c->flags & IN_MASK_ADD) && (l->c->flags & IN_MASK_CREATE))
        return fault(l, "MASK_ADD and MASK_CREATE exclude each other");
    return true;
}

static bool read_add(struct line *l)
{
    static const char accepted[] = "accepted: add PATH [LIST] [recursive]";

    if (!next_word(l) || !read_path(l, accepted))
        return false;
    if (at_end(l))
        return true;
    if (!next_word(l))
        return false;
    if (!is(l, "recursive")) {
        if (!read_list(l))
            return false;
        if (at_end(l))
            return true;
        if (!next_word(l))
            return false;
        if (!is(l, "recursive"))
            return word_fault(l, l->word.data, l->word.len, " is not understood; ", accepted);
    }
    l->c->recursive = true;
    return no_more(l, accepted);
}

static bool read_number(struct line *l)
{
    long n = 0;

    for (size_t i = 0; i < l->word.len; i++) {
        char c = l->word.data[i];

        if (c < '0' || c > '9' || n > INT_MAX / 10)
            return word_fault(l, l->word.data, l->word.len, " is not a watch descriptor; ",
                              "list tells those that there are");
        n = n * 10 + (c - '0');
    }
    if (l->word.len == 0 || n > INT_MAX)
        return word_fault(l, l->word.data, l->word.len, " is not a watch descriptor; ",
                          "list tells those that there are");
    l->c->wd = (int32_t)n;
    return true;
}

static bool read_remove(struct line *l)
{
    static const char accepted[] = "accepted: remove PATH, remove wd N";

    if (!next_word(l))
        return false;
    /* A thing that is called "wd" has nothing behind it, or is quoted. */
    if (is(l, "wd") && !at_end(l))
        return next_word(l) && read_number(l) && no_more(l, accepted);
    return read_path(l, accepted) && no_more(l, accepted);
}

static bool read_sync(struct line *l)
{
    static const char accepted[] = "accepted: sync TOKEN";

    if (!next_word(l))
        return false;
    if (l->word.len == 0 && !l->quoted)
        return fault(l, accepted);
    buf_put(&l->c->token, l->word.data, l->word.len);
    return no_more(l, accepted);
}

static bool read_command(struct line *l)
{
    struct command *c = l->c;

    if (at_end(l))
        return true;
    c->kind = COMMAND_BAD;
    if (memchr(l->at, '\0', (size_t)(l->end - l->at)) != NULL)
        return fault(l, "the line holds a NUL byte");
    if (!next_word(l))
        return false;
    for (int k = COMMAND_ADD; k <= COMMAND_QUIT; k++)
        if (is(l, names[k]))
            c->kind = (enum command_kind)k;
    switch (c->kind) {
    case COMMAND_ADD:
        return read_add(l);
    case COMMAND_REMOVE:
        return read_remove(l);
    case COMMAND_SYNC:
        return read_sync(l);
    case COMMAND_LIST:
        return no_more(l, "accepted: list");
    case COMMAND_STATS:
        return no_more(l, "accepted: stats");
    case COMMAND_QUIT:
        return no_more(l, "accepted: quit");
    default:
        return word_fault(l, l->word.data, l->word.len,
                          " is not a command; accepted: ", "add, remove, list, stats, sync, quit");
    }
}

bool command_parse(const char *line, size_t n, struct command *c)
{
    struct line l = { .at = line, .end = line + n, .c = c };
    bool good;

    c->kind = COMMAND_NONE;
    c->path.len = c->token.len = c->error.len = 0;
    c->wd = -1;
    c->events = c->flags = 0;
    c->recursive = false;
    good = read_command(&l);
    buf_free(&l.word);
    return good;
}
