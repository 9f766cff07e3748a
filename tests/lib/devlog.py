"""devlog.py SOCKET FILE - listens as syslogd does, and appends each message to FILE, a line each.
devlog.py SOCKET --send TEXT - sends a message.
"""

import socket
import sys

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if sys.argv[2] == "--send":
    log.sendto(sys.argv[3].encode(), sys.argv[1])
    sys.exit()
with open(sys.argv[2], "ab", buffering=0) as out:
    log.bind(sys.argv[1])
    while True:
        out.write(log.recv(1 << 20).rstrip(b"\n\0") + b"\n")
