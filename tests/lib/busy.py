#!/usr/bin/env python3
"""busy.py DIRECTORY N [FIRST [RATE]]: N times a file is made, closed and deleted: CREATE, OPEN,
CLOSE_WRITE and DELETE, of another name each time, the numbers counting up from FIRST. RATE: so many
a second, at most."""

import os
import sys
import time

n = int(sys.argv[2])
first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
rate = int(sys.argv[4]) if len(sys.argv) > 4 else 0
os.chdir(sys.argv[1])
began = time.monotonic()
for i in range(n):
    os.close(os.open(f"busy.{first + i}", os.O_CREAT | os.O_WRONLY, 0o644))
    os.unlink(f"busy.{first + i}")
    ahead = began + i / rate - time.monotonic() if rate and i % 50 == 0 else 0
    if ahead > 0:
        time.sleep(ahead)
