#!/usr/bin/env python3
"""Keep a copy of each version of some files.

    backup.py --to DIRECTORY [--stop MARKER] FILE...

At the start, and whenever one of the files has been written or replaced by another, it is copied
to DIRECTORY/NAME.1, NAME.2 ..., unless it is as in the last copy. A file may be missing at the
start, be deleted, and come back. Touching MARKER ends it.

It shows what the module _inotify asks of a program:

* A watch is on a file, not on its name: it tells of writes by whatever name. When the file has been
  deleted or replaced, the watch ends, or goes on with a file that has another name by now. So the
  directory is watched as well, and tells when there is a new file by the name.
* IGNORED is the last event of a watch. Until it has come, its number stands for that watch.
* Between the making of a file and the watch on it, it may have been written. The directory's watch
  has seen that, so both are asked for CLOSE_WRITE; what is in the last copy is not copied again.
* Q_OVERFLOW: events were lost, so look at everything.
"""

import argparse
import filecmp
import os
import select
import shutil
import sys

import _inotify
from _inotify import (ATTRIB, CLOSE_WRITE, CREATE, DELETE_SELF, DONT_FOLLOW, IGNORED, MOVE_SELF,
                      MOVED_TO, ONLYDIR, Q_OVERFLOW)


def say(text):
    print(text, flush=True)


class Backup:
    def __init__(self, files, to, stop):
        self.to = to
        self.stop = self.absolute(stop) if stop else None
        self.stopped = False
        self.watched = {}  # watch descriptor -> the paths of one file
        self.directories = {}  # watch descriptor -> the path of a directory
        self.files = {self.absolute(path) for path in files}
        self.fd = _inotify.create()

    @staticmethod
    def absolute(path):
        """One directory has one watch, so it has to have one name here."""
        head, tail = os.path.split(os.path.abspath(path))
        return os.path.join(os.path.realpath(head), tail)

    def start(self):
        paths = self.files | ({self.stop} if self.stop else set())
        for directory in sorted({os.path.dirname(path) for path in paths}):
            wd = _inotify.add(self.fd, directory,
                              CREATE | MOVED_TO | ATTRIB | CLOSE_WRITE | ONLYDIR)
            self.directories[wd] = directory
        for path in sorted(self.files):
            self.watch(path)
            self.copy(path)

    def run(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        while not self.stopped:
            poll.poll()
            try:
                _inotify.read_event(self.fd, self.event)
            except BlockingIOError:
                pass

    # ---- what happens

    def event(self, event):
        wd, mask = event["wd"], event["mask"]
        if mask & Q_OVERFLOW:
            say("events were lost: looking at all files")
            for path in sorted(self.files):
                self.appeared(path)
                self.copy(path)
        elif wd in self.directories:
            if mask & IGNORED:
                raise SystemExit(f"{self.directories[wd]}: the directory is gone")
            if event["name"] is not None:
                self.entry(os.path.join(self.directories[wd], event["name"]), mask)
        elif wd in self.watched:
            self.file(wd, mask)

    def entry(self, path, mask):
        """Something happened to a name in a directory."""
        if path == self.stop:
            self.stopped = True
        elif path in self.files:
            if mask & (CREATE | MOVED_TO):
                self.appeared(path)
            if mask & (MOVED_TO | CLOSE_WRITE) or mask & CREATE and self.is_link(path):
                self.copy(path)

    def file(self, wd, mask):
        """Something happened to a file that is, or was, by these paths."""
        paths = self.watched[wd]
        if mask & CLOSE_WRITE:
            for path in sorted(paths):
                self.copy(path)
        if mask & MOVE_SELF:
            # One of its names is another now. IGNORED follows, and then it is seen which.
            self.unwatch(wd)
        if mask & IGNORED:
            del self.watched[wd]
            for path in sorted(paths):
                if not self.is_watched(path):
                    say(f"{path}: gone")
                    # The next one may be there already.
                    self.appeared(path)

    def appeared(self, path):
        """There may be a new file by that name."""
        known = self.is_watched(path)
        new = self.watch(path)
        if new is None or new in known:
            return
        for wd in known:
            self.watched[wd].discard(path)
            if not self.watched[wd]:
                self.unwatch(wd)
        say(f"{path}: watched again")

    # ---- watches

    def watch(self, path):
        """Watches the file that bears the name now; None where there is none."""
        try:
            wd = _inotify.add(self.fd, path, CLOSE_WRITE | DELETE_SELF | MOVE_SELF | DONT_FOLLOW)
        except FileNotFoundError:
            return None
        self.watched.setdefault(wd, set()).add(path)
        return wd

    def is_watched(self, path):
        """By which watches: none, one, or for a while that of the file before as well."""
        return [wd for wd, paths in self.watched.items() if path in paths]

    def unwatch(self, wd):
        try:
            _inotify.remove(self.fd, wd)
        except OSError:
            pass  # it has ended, and its IGNORED is queued

    # ---- copies

    @staticmethod
    def is_link(path):
        """Whether the file has other names: CREATE then came of link(2), and nobody writes."""
        try:
            return os.lstat(path).st_nlink > 1
        except FileNotFoundError:
            return False

    def copy(self, path):
        name = os.path.join(self.to, os.path.basename(path))
        number = 1
        while os.path.lexists(f"{name}.{number}"):
            number += 1
        try:
            if not os.path.isfile(path) or os.path.islink(path):
                return
            if number > 1 and filecmp.cmp(path, f"{name}.{number - 1}", shallow=False):
                return
            # A copy gets its number once it is whole.
            shutil.copy2(path, f"{name}.part")
        except FileNotFoundError:
            return  # the file went away meanwhile
        os.rename(f"{name}.part", f"{name}.{number}")
        say(f"{path}: copied to {name}.{number}")


def main():
    parser = argparse.ArgumentParser(description="Keep a copy of each version of some files.")
    parser.add_argument("--to", required=True, metavar="DIRECTORY", help="where the copies go")
    parser.add_argument("--stop", metavar="MARKER", help="end when this file is touched")
    parser.add_argument("file", nargs="+")
    args = parser.parse_args()
    paths = {Backup.absolute(path) for path in args.file}
    if len({os.path.basename(path) for path in paths}) < len(paths):
        parser.error("two files of the same name would share their copies")
    for path in args.file:
        if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
            parser.error(f"{path} is not a regular file")
    if not os.path.isdir(args.to):
        parser.error(f"--to {args.to}: there is no such directory")
    backup = Backup(args.file, args.to, args.stop)
    backup.start()
    say("ready")
    backup.run()


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"backup.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
