/*
 * remote.c - see remote.h.
 */
#include "config.h"

#include "remote.h"

#include <err.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>

/* statfs(2) and linux/magic.h have most; the last ones are those of their own headers. */
static const struct {
    uint32_t magic;
    const char *name;
} kinds[] = {
    { NFS_SUPER_MAGIC, "NFS" },
    { SMB_SUPER_MAGIC, "SMB" },
    { CIFS_SUPER_MAGIC, "SMB" },
    { SMB2_SUPER_MAGIC, "SMB" },
    { V9FS_MAGIC, "9p" },
    { FUSE_SUPER_MAGIC, "FUSE" },
    { AFS_SUPER_MAGIC, "AFS" },
    { AFS_FS_MAGIC, "AFS" },
    { CEPH_SUPER_MAGIC, "Ceph" },
    { CODA_SUPER_MAGIC, "Coda" },
    { OCFS2_SUPER_MAGIC, "OCFS2" },
    { 0x01161970, "GFS2" },
    { 0x0bd00bd0, "Lustre" },
    { 0x786f4256, "vboxsf" },
};

static const char *kind_of(const char *path)
{
    struct statfs fs;

    if (statfs(path, &fs) < 0)
        return NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].magic == (uint32_t)fs.f_type)
            return kinds[i].name;
    return NULL;
}

struct remote {
    void (*found)(void *arg, const char *path, const char *kind);
    void *arg;
    struct buf told; /* the devices that have been told of */
    struct buf path;
};

struct remote *remote_new(void (*found)(void *arg, const char *path, const char *kind), void *arg)
{
    struct remote *r = calloc(1, sizeof(*r));

    if (r == NULL)
        err(1, "out of memory");
    r->found = found;
    r->arg = arg;
    return r;
}

void remote_free(struct remote *r)
{
    if (r == NULL)
        return;
    buf_free(&r->told);
    buf_free(&r->path);
    free(r);
}

/* True the first time. */
static bool is_new(struct buf *told, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return false;
    for (size_t at = 0; at < told->len; at += sizeof(st.st_dev))
        if (memcmp(told->data + at, &st.st_dev, sizeof(st.st_dev)) == 0)
            return false;
    buf_put(told, &st.st_dev, sizeof(st.st_dev));
    return true;
}

static void look_below(struct remote *r, const struct tree *t, nodeid top)
{
    for (nodeid id = top; id != NODE_NONE; id = tree_next(t, id, top)) {
        const struct node *n = tree_node(t, id);
        const char *kind;

        if (n->wd < 0 || (id != top && n->dev == tree_node(t, n->parent)->dev))
            continue;
        r->path.len = 0;
        tree_path(t, id, false, &r->path);
        buf_putc(&r->path, '\0');
        kind = kind_of(r->path.data);
        if (kind != NULL && is_new(&r->told, r->path.data))
            r->found(r->arg, r->path.data, kind);
    }
}

void remote_look(struct remote *r, const struct tree *t, int32_t wd)
{
    if (wd >= 0)
        look_below(r, t, tree_by_wd(t, wd));
    for (size_t i = 0; wd < 0 && i < tree_roots(t); i++)
        look_below(r, t, tree_root(t, i));
}
