#!/usr/bin/env python3
"""busy.py DIRECTORY N: N times a file is made, closed and deleted: CREATE, OPEN, CLOSE_WRITE and
DELETE, of another name each time."""

import os
import sys

os.chdir(sys.argv[1])
for i in range(int(sys.argv[2])):
    os.close(os.open(f"busy.{i}", os.O_CREAT | os.O_WRONLY, 0o644))
    os.unlink(f"busy.{i}")
