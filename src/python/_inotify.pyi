"""inotify(7): what happens to files and directories, on Linux."""

import os
from typing import Any, Callable, Final, Optional, Protocol, TypedDict, Union

class _HasFileno(Protocol):
    def fileno(self) -> int: ...

_Fd = Union[int, _HasFileno]
_Path = Union[str, bytes, os.PathLike[str], os.PathLike[bytes]]

class _Event(TypedDict):
    wd: int  # what add() returned; -1 with Q_OVERFLOW
    mask: int
    cookie: int  # joins a MOVED_FROM and its MOVED_TO; else 0
    name: Optional[str]  # None: it is about the watched file or directory itself
    len: int  # the bytes that the kernel used for the name; else 0

def create() -> int: ...
def add(fd: _Fd, path: _Path, mask: int, /) -> int: ...
def remove(fd: _Fd, wd: int, /) -> None: ...
def read_event(fd: _Fd, callback: Callable[[_Event], Any], /) -> None: ...

# Events that can be asked for.
ACCESS: Final[int]
ATTRIB: Final[int]
CLOSE_NOWRITE: Final[int]
CLOSE_WRITE: Final[int]
CREATE: Final[int]
DELETE: Final[int]
DELETE_SELF: Final[int]
MODIFY: Final[int]
MOVED_FROM: Final[int]
MOVED_TO: Final[int]
MOVE_SELF: Final[int]
OPEN: Final[int]
# Several of them; CHANGE and COMPLETE are pywatch's own.
ALL_EVENTS: Final[int]
CHANGE: Final[int]
CLOSE: Final[int]
COMPLETE: Final[int]
MOVE: Final[int]
# What comes unasked.
IGNORED: Final[int]
ISDIR: Final[int]
Q_OVERFLOW: Final[int]
UNMOUNT: Final[int]
# How add() watches.
DONT_FOLLOW: Final[int]
EXCL_UNLINK: Final[int]
IN_MASK_ADD: Final[int]
MASK_ADD: Final[int]
MASK_CREATE: Final[int]
ONESHOT: Final[int]
ONLYDIR: Final[int]
# What create() always does; no part of a mask.
CLOSE_EXEC: Final[int]
