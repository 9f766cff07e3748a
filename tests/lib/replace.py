#!/usr/bin/env python3
"""replace.py OPERATIONS SEED - several processes replace a/b/f, and what it lies in.

Below the working directory: f is deleted, made again, renamed over, moved away and back; its
directories are moved, removed and made again; and l is a link to one of two directories with a file
of that name. Each of four processes makes so many operations, whatever fails. In the end a/b/f and
l/f are there, finished.
"""

import os
import random
import sys


def write(path, text):
    with open(path, "a") as file:
        file.write(text)


def anew(path, text, own):
    """As an editor saves: a file of our own, renamed into place."""
    write(own, text)
    os.rename(own, path)


def link(target, own):
    os.symlink(target, own)
    os.rename(own, "l")


def swap_directory(own):
    os.rename("a/b", own)
    if random.random() < 0.5:
        os.rename(own, "a/b")
    else:
        os.makedirs("a/b", exist_ok=True)


def remove_all():
    os.unlink("a/b/f")
    os.rmdir("a/b")
    os.rmdir("a")


def storm(number, operations):
    own = f"own{number}"
    acts = [
        lambda: write("a/b/f", "more"),
        lambda: write("a/b/f", "more"),
        lambda: anew("a/b/f", "new", own),
        lambda: anew("a/b/f", "new", own),
        lambda: os.unlink("a/b/f"),
        lambda: os.rename("a/b/f", own),
        lambda: os.rename(own, "a/b/f"),
        lambda: os.makedirs("a/b", exist_ok=True),
        lambda: os.makedirs("a/b", exist_ok=True),
        lambda: swap_directory(f"dir{number}.{random.randrange(1 << 30)}"),
        remove_all,
        lambda: os.mkdir("a/b/f"),
        lambda: os.rmdir("a/b/f"),
        lambda: link(random.choice(["one", "two", "nowhere"]), own + ".l"),
        lambda: anew(random.choice(["one", "two"]) + "/f", "new", own),
        lambda: os.unlink(random.choice(["one", "two"]) + "/f"),
    ]
    for _ in range(operations):
        try:
            random.choice(acts)()
        except OSError:
            pass


def main():
    operations, seed = int(sys.argv[1]), int(sys.argv[2])
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            random.seed(seed * 4 + number)
            storm(number, operations)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    os.makedirs("a/b", exist_ok=True)
    if os.path.isdir("a/b/f"):
        os.rmdir("a/b/f")
    anew("a/b/f", "last", "own")
    anew("one/f", "last", "own")
    link("one", "own")


main()
