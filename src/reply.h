/*
 * reply.h - answers to commands, as JSON.
 *
 * Owns: their keys. Must not know: what the commands lead to. Called by serve. Each appends to out;
 * between reply_begin and reply_end stands what the answer tells.
 */
#ifndef PYWATCH_REPLY_H
#define PYWATCH_REPLY_H

#include "command.h"
#include "event.h"

/* {"reply":"add","path":"..." - and what else the command named. */
void reply_begin(const struct command *c, struct buf *out);

/* ,"ok":true */
void reply_ok(struct buf *out);
/* ,"ok":false,"error":"..." */
void reply_error(struct str error, struct buf *out);

/* ,"key":number */
void reply_number(const char *key, unsigned long long n, struct buf *out);

/* ,"watches":[ with an object for each ] */
void reply_watches_begin(struct buf *out);
void reply_watch(int32_t wd, struct str path, uint32_t mask, bool recursive, struct buf *out);
void reply_watches_end(struct buf *out);

/* } and a newline, and before them the members of --tag, as json_put_tags writes them */
void reply_end(struct str tags, struct buf *out);

#endif
