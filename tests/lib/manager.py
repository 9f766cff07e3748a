#!/usr/bin/env python3
"""manager.py OUT ADDRESS COMMAND...: runs the command as a service manager does.

ADDRESS is that of a socket, '@' in front for an abstract one; the command finds it in
$NOTIFY_SOCKET. OUT gets a line "listening", each datagram with " | " for its newlines and the id of
its sender in front, and at the end "ended STATUS". Ends as the command ends; SIGTERM is passed on.
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading


def listen(server, out):
    while True:
        data, control, _, _ = server.recvmsg(4096, 64)
        if data == b"end":
            return
        pid, _, _ = struct.unpack("iii", control[0][2][:12])
        print(pid, data.decode().replace("\n", " | "), file=out, flush=True)


def main():
    address = sys.argv[2]
    path = "\0" + address[1:] if address.startswith("@") else address
    out = open(sys.argv[1], "a", encoding="utf-8")
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    server.bind(path)
    print("listening", file=out, flush=True)
    thread = threading.Thread(target=listen, args=(server, out))
    thread.start()
    child = subprocess.Popen(sys.argv[3:], env={**os.environ, "NOTIFY_SOCKET": address})
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    status = child.wait()
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"end", path)
    thread.join()
    print("ended", status, file=out, flush=True)
    sys.exit(128 - status if status < 0 else status)


main()
