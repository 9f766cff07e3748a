/*
 * reply.c - see reply.h.
 */
#include "config.h"

#include "reply.h"

#include "json.h"

void reply_begin(const struct command *c, struct buf *out)
{
    const char *name = command_name(c->kind);

    buf_lit(out, "{\"reply\":\"");
    buf_put(out, name, strlen(name));
    buf_putc(out, '"');
    if (c->path.len > 0)
        json_put_member("path", (struct str){ c->path.data, c->path.len - 1 }, out);
    if ((c->kind == COMMAND_REMOVE || c->kind == COMMAND_ADD) && c->wd >= 0)
        reply_number("wd", (unsigned long long)c->wd, out);
    if (c->kind == COMMAND_SYNC) {
        if (c->token.len > 0)
            json_put_member("token", (struct str){ c->token.data, c->token.len }, out);
        else if (c->error.len == 0)
            buf_lit(out, ",\"token\":\"\"");
    }
}

void reply_ok(struct buf *out)
{
    buf_lit(out, ",\"ok\":true");
}

void reply_error(struct str error, struct buf *out)
{
    buf_lit(out, ",\"ok\":false");
    json_put_member("error", error, out);
}

void reply_number(const char *key, unsigned long long n, struct buf *out)
{
    buf_lit(out, ",\"");
    buf_put(out, key, strlen(key));
    buf_lit(out, "\":");
    buf_put_u64(out, n);
}

void reply_watches_begin(struct buf *out)
{
    buf_lit(out, ",\"watches\":[");
}

void reply_watch(int32_t wd, struct str path, uint32_t mask, bool recursive, struct buf *out)
{
    if (out->data[out->len - 1] != '[')
        buf_putc(out, ',');
    buf_lit(out, "{\"wd\":");
    buf_put_u64(out, (unsigned long long)wd);
    json_put_member("path", path, out);
    reply_number("mask", mask, out);
    if (recursive)
        buf_lit(out, ",\"recursive\":true");
    buf_putc(out, '}');
}

void reply_watches_end(struct buf *out)
{
    buf_putc(out, ']');
}

void reply_end(struct str tags, struct buf *out)
{
    buf_put(out, tags.s, tags.len);
    buf_lit(out, "}\n");
}
