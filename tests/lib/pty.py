#!/usr/bin/env python3
"""pty.py OUT COMMAND...: runs the command with a terminal as stdout; OUT gets what reaches it.

With PTY_STDERR set, the terminal is stderr as well. Ends as the command ends, with 128 + the number
of the signal where one ended it. SIGTERM, SIGINT and SIGHUP are passed on to the command.
"""

import fcntl
import os
import signal
import sys
import termios


def child(slave, argv):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.dup2(slave, 1)
    if os.environ.get("PTY_STDERR"):
        os.dup2(slave, 2)
    os.execvp(argv[0], argv)


def main():
    out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    master, slave = os.openpty()
    mode = termios.tcgetattr(slave)
    mode[1] &= ~termios.OPOST  # the bytes are to arrive as they were written
    termios.tcsetattr(slave, termios.TCSANOW, mode)
    pid = os.fork()
    if pid == 0:
        child(slave, sys.argv[2:])
    os.close(slave)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda n, _: os.kill(pid, n))
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # EIO: the last one who had the terminal open has closed it
            break
        os.write(out, data)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.exit(status if status >= 0 else 128 - status)


main()
