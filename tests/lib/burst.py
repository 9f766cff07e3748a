#!/usr/bin/env python3
"""burst.py HOW DIRECTORY N: N small trees, as programs make them.
paths: mkdir -p a/b/c/d, and a file in the last. packages: each is written file by file in a place
for that, and renamed to where it belongs. files: of 20 files each. dirs: of 10 directories each."""

import os
import sys

how, top, n = sys.argv[1], sys.argv[2], int(sys.argv[3])


def write(path):
    with open(path, "w", encoding="ascii") as f:
        f.write("text")


if how == "packages":
    os.makedirs(top + "/modules/.staging")
for i in range(n):
    place = f"{top}/{i}"
    if how == "paths":
        os.makedirs(place + "/a/b/c/d")
        write(place + "/a/b/c/d/f")
    elif how == "files":
        os.makedirs(place)
        for k in range(20):
            write(f"{place}/{k}")
    elif how == "dirs":
        for k in range(9):
            os.makedirs(f"{place}/{k}")
    else:
        place = f"{top}/modules/.staging/{i}-{i * 7919 % 65536:x}"
        os.makedirs(place + "/lib/util")
        for name in ("package.json.tmp", "README.md", "index.js", "lib/a.js", "lib/util/b.js"):
            write(f"{place}/{name}")
        os.rename(place + "/package.json.tmp", place + "/package.json")
        os.makedirs(f"{top}/modules/@{i % 10}", exist_ok=True)
        os.rename(place, f"{top}/modules/@{i % 10}/{i}" if i % 3 == 0 else f"{top}/modules/{i}")
if how == "packages":
    os.rmdir(top + "/modules/.staging")
