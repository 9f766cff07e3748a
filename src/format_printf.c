/*
 * format_printf.c - --format: the user's own layout.
 *
 * Owns: the conversions that format.def lists: their parsing, once, into pieces, and their
 * printing. Must not know: where records go.
 *
 * A conversion beats a separator: "%we" is %w and the letter e, as inotifywait has it. The letters
 * that inotifywait does not know give way to the separator in lenient mode, where "%pe" has to
 * stay what it is there.
 */
#include "config.h"

#include "format_impl.h"

#include <stdio.h>
#include <stdlib.h>

/* A conversion, and the bytes behind it. */
struct piece {
    char conv;      /* its letter; 0: none, the format begins with bytes */
    char sep;       /* of 'e' */
    size_t at, len; /* the bytes, in `literals` */
};

struct layout {
    struct format base;
    struct piece *pieces;
    size_t npieces;
    struct buf literals;
    const char *timefmt;
    bool escape;
    struct labels labels;
    struct clock clock;
};

/* Every conversion in one string, and those that inotifywait does not know in another. */
static const char known[] = "wfeTcn0%podsm";
static const char ours[] = "podsm";

/* The table rules: a letter that it has and `known` lacks is a mistake made in this file. */
#define FORMAT_CONVERSION(spelled, help) +1
_Static_assert(sizeof(known) == 0
#include "format.def"
               , /* known: the letters and a NUL; the table: the letters and "Xe" */
               "format.def and format_printf.c differ in number");

static void add_literal(struct layout *l, char c)
{
    if (l->npieces == 0)
        l->npieces++;
    buf_putc(&l->literals, c);
    l->pieces[l->npieces - 1].len++;
}

static void add_conversion(struct layout *l, char conv, char sep)
{
    if (conv == 'n')
        add_literal(l, '\n');
    else if (conv == '0')
        add_literal(l, '\0');
    else if (conv == '%')
        add_literal(l, '%');
    else
        l->pieces[l->npieces++] =
            (struct piece){.conv = conv, .sep = sep, .at = l->literals.len};
}

/* The message outlives the format that could not be made, so its storage is static. */
static const char *complain(const char *s)
{
    static char message[256];
    struct buf b = {0};
    size_t len = 0;
    uint32_t cp;

    if (*s == '\0') {
        buf_lit(&b, "a lone '%' ends --format (a percent sign is '%%'); accepted are");
    } else {
        len = utf8_decode(s, strlen(s), &cp);
        buf_lit(&b, "unknown conversion '%");
        visible_put(s, len > 0 ? len : 1, &b);
        buf_lit(&b, "' in --format; accepted are");
    }
#define FORMAT_CONVERSION(spelled, help) buf_lit(&b, " %" spelled);
#include "format.def"
    snprintf(message, sizeof(message), "%.*s", (int)b.len, b.data);
    buf_free(&b);
    return message;
}

/* Returns NULL, or what is wrong. */
static const char *compile(struct layout *l, const char *s, bool lenient)
{
    while (*s != '\0') {
        if (*s != '%') {
            add_literal(l, *s++);
            continue;
        }
        s++;
        if (*s != '\0' && strchr(known, *s) != NULL &&
            !(lenient && s[1] == 'e' && strchr(ours, *s) != NULL)) {
            if (*s == 'T' && l->timefmt == NULL)
                return "%T is in --format string, but --timefmt was not specified.";
            add_conversion(l, *s++, ',');
        } else if (*s != '\0' && s[1] == 'e') {
            add_conversion(l, 'e', *s);
            s += 2;
        } else if (lenient) {
            add_literal(l, '%'); /* What follows is then taken as it is, too. */
            if (*s != '\0')
                add_literal(l, *s++);
        } else {
            return complain(s);
        }
    }
    return NULL;
}

static void printf_destroy(struct format *f)
{
    struct layout *l = (struct layout *)f;

    free(l->pieces);
    buf_free(&l->literals);
    buf_free(&l->clock.text);
    free(l);
}

static struct format *printf_create(const struct format_config *cfg, const char **error)
{
    struct layout *l = format_alloc(sizeof(*l));
    const char *wrong;

    l->timefmt = cfg->timefmt;
    l->escape = cfg->escape;
    l->labels.style = EVENT_TEXT;
    /* At most one piece a byte, and the one that a record begins with. */
    l->pieces = format_alloc((strlen(cfg->spec) + 1) * sizeof(*l->pieces));
    wrong = compile(l, cfg->spec, cfg->lenient);
    if (wrong != NULL) {
        *error = wrong;
        printf_destroy(&l->base);
        return NULL;
    }
    if (!cfg->no_newline)
        add_literal(l, cfg->null ? '\0' : '\n');
    return &l->base;
}

static void put_name(const struct layout *l, struct str s, struct buf *out)
{
    if (l->escape)
        visible_put(s.s, s.len, out);
    else
        buf_put(out, s.s, s.len);
}

static void put_signed(long long n, struct buf *out)
{
    if (n < 0)
        buf_putc(out, '-');
    buf_put_u64(out, (unsigned long long)(n < 0 ? -n : n));
}

static void put_conversion(struct layout *l, const struct piece *p, const struct event *ev,
                           struct buf *out)
{
    switch (p->conv) {
    case 'w':
        put_name(l, ev->watch, out);
        break;
    case 'f':
        put_name(l, ev->name, out);
        break;
    case 'p':
        put_name(l, event_path_head(ev), out);
        put_name(l, ev->name, out);
        break;
    case 'o':
        put_name(l, ev->from, out);
        break;
    case 'e':
        labels_put(&l->labels, event_label(ev), p->sep, out);
        break;
    case 'T':
        clock_put_local(&l->clock, l->timefmt, ev->time.tv_sec, out);
        break;
    case 'c':
        put_hex(out, ev->cookie);
        break;
    case 'd':
        put_signed(ev->wd, out);
        break;
    case 'm':
        buf_lit(out, "0x");
        put_hex(out, ev->mask);
        break;
    case 's':
        buf_put_u64(out, ev->seq);
        break;
    }
}

/* What most formats are made of, as it is: there is room for it, and it goes in one copy. */
static bool plain_piece(struct layout *l, const struct piece *p, const struct event *ev,
                        struct str *s)
{
    const struct labels_slot *slot;

    switch (p->conv) {
    case 0:
        *s = (struct str){"", 0};
        return true;
    case 'w':
        *s = ev->watch;
        return !l->escape;
    case 'f':
        *s = ev->name;
        return !l->escape;
    case 'e':
        slot = labels_known(&l->labels, event_label(ev), p->sep);
        if (slot == NULL)
            return false;
        *s = (struct str){slot->text, slot->len};
        return true;
    }
    return false;
}

static void printf_event(struct format *f, const struct event *ev, struct buf *out)
{
    struct layout *l = (struct layout *)f;
    const struct piece *p, *end = l->pieces + l->npieces;
    /* Looked for once: saves a quarter of what '%e %w%f' costs. */
    size_t most = l->literals.len + l->npieces * (LABELS_MOST + ev->watch.len + ev->name.len);
    char *at = buf_room(out, most);
    struct str s;

    for (p = l->pieces; p < end; p++) {
        if (plain_piece(l, p, ev, &s)) {
            at = mempcpy(at, s.s, s.len);
        } else {
            out->len = (size_t)(at - out->data);
            put_conversion(l, p, ev, out);
            at = buf_room(out, most);
        }
        if (p->len == 1) /* mostly */
            *at++ = l->literals.data[p->at];
        else if (p->len > 1)
            at = mempcpy(at, l->literals.data + p->at, p->len);
    }
    out->len = (size_t)(at - out->data);
}

const struct format_verbs format_printf = {printf_create, printf_event, printf_destroy};
