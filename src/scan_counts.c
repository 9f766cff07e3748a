/*
 * scan_counts.c - whether a directory's link count says that it has no subdirectory.
 *
 * Owns: what is known of file systems. Must not know: the walk.
 */
#include "config.h"

#include <sys/vfs.h>

#include "scan_walker.h"

/*
 * ext4 gives a directory with very many subdirectories the count 1, as btrfs does for all; others
 * count right or give 1 too. What a server or a program in user space makes up is not to be
 * trusted.
 */
static enum counts counts_of(int fd)
{
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return COUNTS_NEVER;
    switch ((uint32_t)fs.f_type) {
    case 0xef53:     /* ext2, ext3, ext4 */
    case 0x58465342: /* xfs */
    case 0x01021994: /* tmpfs */
    case 0xf2f52010: /* f2fs */
        return COUNTS_ALWAYS;
    case 0x6969:     /* nfs */
    case 0x517b:     /* smb */
    case 0xff534d42: /* cifs */
    case 0xfe534d42: /* smb2 */
    case 0x01021997: /* 9p */
    case 0x00c36400: /* ceph */
    case 0x65735546: /* fuse */
        return COUNTS_NEVER;
    }
    return COUNTS_PERHAPS;
}

bool counts_trusted(struct walker *w, const struct step *p, int fd, size_t dirs, bool whole)
{
    if (w->dev != p->dev || w->dev == 0) {
        w->dev = p->dev;
        w->counts = counts_of(fd);
    }
    return w->counts == COUNTS_ALWAYS ||
           (w->counts == COUNTS_PERHAPS && whole && dirs > 0 && p->nlink == 2 + dirs);
}
