/*
 * inotify.h - every inotify system call that pywatch makes.
 *
 * Owns: nothing but the numbers it is given. Must not know: trees, events, options.
 * All functions return -1 with errno set, as the system calls do.
 */
#ifndef PYWATCH_INOTIFY_H
#define PYWATCH_INOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/types.h>

/* Bits that older headers do not have; values from the kernel's uapi/linux/inotify.h. */
#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

/* The instance: non-blocking, close-on-exec. */
int inotify_open(void);

/*
 * Adds or changes the watch on the thing that the path names; returns the watch descriptor.
 *
 * Where the thing may be watched already, mask has IN_MASK_ADD unless something has to be taken
 * from it: else the kernel sets the old mask to 0 before it sets the new one, even where they are
 * equal, and what happens between the two is not queued (Linux 6.18,
 * fs/notify/inotify/inotify_user.c, inotify_update_existing_watch; measured: 3 records in 100,000
 * calls on a busy directory).
 */
int inotify_arm(int fd, const char *path, uint32_t mask);

/*
 * The same for the directory that dirfd is open on, whatever its path has become. It needs no
 * /proc, but changes the working directory: the caller sees to it that we do not stay there.
 */
int inotify_arm_fd(int fd, int dirfd, uint32_t mask);
/* The same. *inside: that directory is the working directory now, as it cannot be where it may be
 * read and not entered. */
int inotify_arm_inside(int fd, int dirfd, uint32_t mask, bool *inside);

/* For an entry of the directory that dirfd is open on. Changes the working directory too. */
int inotify_arm_at(int fd, int dirfd, const char *name, uint32_t mask);

/*
 * For what `object` is open on (O_PATH), whatever it is and has become. Needs /proc: ENOENT where
 * that is not to be had.
 */
int inotify_arm_object(int fd, int object, uint32_t mask);

int inotify_disarm(int fd, int wd);

/* One read; 0 where nothing is queued. */
ssize_t inotify_read(int fd, void *p, size_t n);

/*
 * From now on inotify_read waits where nothing is queued, and ends with EINTR where a signal was
 * taken meanwhile. inotify_queued says whether it would.
 */
int inotify_block(int fd);
bool inotify_queued(int fd);

/* /proc/sys/fs/inotify/NAME or its namespace's counterpart; -1 where it cannot be read. */
long inotify_limit(const char *name);
/* The same as sysctl(8) spells it: "fs.inotify.NAME", or that of the namespace where it is lower.
 * Valid until the next call. */
const char *inotify_limit_name(const char *name);

#endif
