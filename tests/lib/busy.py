#!/usr/bin/env python3
"""busy.py DIRECTORY N [FIRST]: N times a file is made, closed and deleted: CREATE, OPEN,
CLOSE_WRITE and DELETE, of another name each time, the numbers counting up from FIRST."""

import os
import sys

n = int(sys.argv[2])
first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
os.chdir(sys.argv[1])
for i in range(n):
    os.close(os.open(f"busy.{first + i}", os.O_CREAT | os.O_WRONLY, 0o644))
    os.unlink(f"busy.{first + i}")
