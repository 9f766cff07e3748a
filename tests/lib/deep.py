#!/usr/bin/env python3
"""deep.py DIRECTORY LEVELS LENGTH [FILE]: goes down so many levels of directories with names of that
length, makes those that are missing, creates FILE in the last, and prints the path of that one."""

import os
import sys

levels, name = int(sys.argv[2]), "n" * int(sys.argv[3])
os.chdir(sys.argv[1])
for _ in range(levels):
    if not os.path.isdir(name):
        os.mkdir(name)
    os.chdir(name)
if len(sys.argv) > 4:
    os.close(os.open(sys.argv[4], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
print("/".join([sys.argv[1]] + [name] * levels))
