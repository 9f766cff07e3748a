/*
 * format.h - a record as bytes.
 *
 * Owns: the formats (format.def names them, one file each: format_text.c, format_printf.c,
 * format_csv.c, format_json.c, format_tty.c). Must not know: filters, output, the tree.
 * Called by the emit step for each record that passed; writes whole records, separator included.
 */
#ifndef PYWATCH_FORMAT_H
#define PYWATCH_FORMAT_H

#include "buf.h"
#include "event.h"

enum format_kind {
    FORMAT_TEXT,   /* "%w %,e %f": what inotifywait prints by default */
    FORMAT_PRINTF, /* --format */
    FORMAT_CSV,    /* --csv */
    FORMAT_JSON,   /* --json */
    FORMAT_TTY     /* FORMAT_TEXT for a person: time, colour, columns, control characters escaped */
};

struct format_config {
    enum format_kind kind;
    const char *spec;    /* FORMAT_PRINTF: the format; borrowed for the life of the format */
    const char *timefmt; /* strftime(3) format of %T, borrowed; may be NULL */
    bool null;           /* records end in NUL instead of newline */
    bool no_newline;     /* FORMAT_PRINTF: records end in nothing */
    bool lenient;        /* unknown %q is printed as it is (inotifywait) instead of refused */
    bool colour;         /* colours; for FORMAT_TTY, and for FORMAT_TEXT with --color=always */
    struct str tags;     /* FORMAT_JSON: members for the end of each record, as json_put_tags writes
                            them; borrowed for the life of the format */
    bool escape;         /* a terminal reads it: control characters in names are made visible, in
                            TEXT, PRINTF and CSV (TTY and JSON always do, coloured TEXT too) */
};

struct format;

/*
 * Returns a format that the caller frees with format_free, or NULL with one line in *error
 * (static or owned by the format module, no newline) that names the conversion and lists those
 * that are accepted.
 */
struct format *format_new(const struct format_config *cfg, const char **error);
void format_free(struct format *f);

/* Appends the record for ev to out. */
void format_event(struct format *f, const struct event *ev, struct buf *out);

#endif
