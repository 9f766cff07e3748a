"""fuse.py DIRECTORY - mounts an empty FUSE file system there and serves it, until it is unmounted.

Speaks just enough of the kernel's protocol (linux/fuse.h) for a directory to be opened, listed and
watched, so that no FUSE library is needed.
"""

import ctypes
import errno
import os
import struct
import sys

LOOKUP, FORGET, GETATTR, STATFS, INIT, OPENDIR, READDIR, RELEASEDIR = 1, 2, 3, 17, 26, 27, 28, 29
INTERRUPT, DESTROY = 36, 38

ATTR = struct.pack("<QII", 0, 0, 0) + struct.pack(
    "<6Q10I", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o040755, 2, os.getuid(), os.getgid(), 0, 4096, 0)
ANSWERS = {
    INIT: struct.pack("<4I2H2I2H8I", 7, 31, 65536, 0, 16, 12, 65536, 1, 16, 0, *[0] * 8),
    GETATTR: ATTR,
    STATFS: struct.pack("<5Q4I6I", 0, 0, 0, 0, 0, 4096, 255, 4096, 0, *[0] * 6),
    OPENDIR: struct.pack("<QII", 0, 0, 0),
    READDIR: b"",
    RELEASEDIR: b"",
    DESTROY: b"",
}

device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"pywatch-test", os.fsencode(sys.argv[1]), b"fuse", 6, options.encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
while True:
    try:
        request = os.read(device, 1 << 17)
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
            continue
        break
    _, opcode, unique = struct.unpack_from("<IIQ", request)
    if opcode in (FORGET, INTERRUPT):
        continue
    error = 0 if opcode in ANSWERS else errno.ENOENT if opcode == LOOKUP else errno.ENOSYS
    body = ANSWERS.get(opcode, b"")
    os.write(device, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)
