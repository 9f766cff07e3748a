"""Tests of the module _inotify, each in a directory of its own. tests/python.bats runs each class.

No test waits for time to pass: an event is queued by the time that the call which made it returns,
so read_event() has it, or else it never will.
"""

import ast
import errno
import gc
import os
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import unittest

import _inotify

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(fd):
    """All that is queued, as a list of dicts; [] where nothing is."""
    events = []
    try:
        _inotify.read_event(fd, events.append)
    except BlockingIOError:
        pass
    return events


def brief(events):
    return [(event["mask"], event["name"]) for event in events]


class InDirectory(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.dir = place.name
        self.fd = self.instance()

    def instance(self):
        fd = _inotify.create()
        self.addCleanup(self.close, fd)
        return fd

    @staticmethod
    def close(fd):
        try:
            os.close(fd)
        except OSError:
            pass

    def path(self, name):
        return os.path.join(self.dir, name)

    def touch(self, *names):
        for name in names:
            with open(self.path(name), "ab"):
                pass


class Create(InDirectory):
    def test_descriptor(self):
        self.assertIs(type(self.fd), int)
        self.assertFalse(os.get_blocking(self.fd))
        self.assertFalse(os.get_inheritable(self.fd))
        self.assertEqual(os.readlink("/proc/self/fd/%d" % self.fd), "anon_inode:inotify")
        self.assertNotEqual(self.fd, self.instance())

    def test_no_descriptor_left(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.fd, hard))
        try:
            with self.assertRaises(OSError) as caught:
                _inotify.create()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(caught.exception.errno, errno.EMFILE)

    def test_arguments(self):
        self.assertRaises(TypeError, _inotify.create, 1)


class Add(InDirectory):
    def test_kinds_of_path(self):
        class Path(os.PathLike):
            def __init__(self, path):
                self.path = path

            def __fspath__(self):
                return self.path

        self.touch("f")
        name = self.path("f")
        found = {
            _inotify.add(self.fd, path, _inotify.ATTRIB)
            for path in (name, os.fsencode(name), Path(name), Path(os.fsencode(name)))
        }
        self.assertEqual(len(found), 1)
        self.assertGreater(found.pop(), 0)

    def test_path_that_is_not_utf8(self):
        bad = os.path.join(os.fsencode(self.dir), b"\xff\xfe")
        os.mkdir(bad)
        wd = _inotify.add(self.fd, os.fsdecode(bad), _inotify.CREATE)
        self.assertEqual(_inotify.add(self.fd, bad, _inotify.CREATE), wd)

    def test_bad_arguments(self):
        for error, args in (
            (TypeError, (self.fd, 1, _inotify.ATTRIB)),
            (TypeError, (self.fd, None, _inotify.ATTRIB)),
            (TypeError, (self.fd, self.dir)),
            (TypeError, (self.fd, self.dir, "CREATE")),
            (TypeError, (self.fd, self.dir, 1.0)),
            (TypeError, ("3", self.dir, _inotify.ATTRIB)),
            (ValueError, (-1, self.dir, _inotify.ATTRIB)),
            (ValueError, (self.fd, "a\0b", _inotify.ATTRIB)),
            (ValueError, (self.fd, b"a\0b", _inotify.ATTRIB)),
            (OverflowError, (self.fd, self.dir, -1)),
            (OverflowError, (self.fd, self.dir, 1 << 32)),
            (OverflowError, (self.fd, self.dir, 1 << 80)),
            (OverflowError, (1 << 40, self.dir, _inotify.ATTRIB)),
        ):
            with self.subTest(args=args):
                self.assertRaises(error, _inotify.add, *args)

    def test_errors_bear_number_and_name(self):
        missing = self.path("missing")
        self.touch("f")
        for error, number, path, mask in (
            (FileNotFoundError, errno.ENOENT, missing, _inotify.CREATE),
            (FileNotFoundError, errno.ENOENT, os.fsencode(missing), _inotify.CREATE),
            (NotADirectoryError, errno.ENOTDIR, self.path("f"), _inotify.ONLYDIR | _inotify.CREATE),
            (OSError, errno.EINVAL, self.dir, 0),
        ):
            with self.subTest(path=path), self.assertRaises(error) as caught:
                _inotify.add(self.fd, path, mask)
            self.assertEqual(caught.exception.errno, number)
            self.assertEqual(caught.exception.filename, path)

    def test_descriptor_that_is_closed_or_another_kind(self):
        os.close(self.fd)
        with self.assertRaises(OSError) as caught:
            _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.assertEqual(caught.exception.errno, errno.EBADF)
        with open(os.devnull) as file, self.assertRaises(OSError) as caught:
            _inotify.add(file, self.dir, _inotify.CREATE)
        self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_object_with_a_descriptor(self):
        with open(self.fd, "rb", buffering=0, closefd=False) as file:
            _inotify.add(file, self.dir, _inotify.CREATE)
            self.touch("f")
            events = read(file)
        self.assertEqual(brief(events), [(_inotify.CREATE, "f")])

    def test_flags(self):
        os.mkdir(self.path("real"))
        os.symlink("real", self.path("link"))
        real = _inotify.add(self.fd, self.path("real"), _inotify.CREATE)
        self.assertEqual(_inotify.add(self.fd, self.path("link"), _inotify.CREATE), real)
        flags = _inotify.CREATE | _inotify.DONT_FOLLOW
        self.assertNotEqual(_inotify.add(self.fd, self.path("link"), flags), real)
        flags = _inotify.DELETE | _inotify.MASK_ADD
        self.assertEqual(_inotify.add(self.fd, self.path("real"), flags), real)
        self.touch("real/f")
        os.unlink(self.path("real/f"))
        self.assertEqual(brief(read(self.fd)), [(_inotify.CREATE, "f"), (_inotify.DELETE, "f")])
        with self.assertRaises(FileExistsError):
            _inotify.add(self.fd, self.path("real"), _inotify.CREATE | _inotify.MASK_CREATE)

    def test_oneshot(self):
        _inotify.add(self.fd, self.dir, _inotify.CREATE | _inotify.ONESHOT)
        self.touch("f", "g")
        self.assertEqual(brief(read(self.fd)), [(_inotify.CREATE, "f"), (_inotify.IGNORED, None)])


class Remove(InDirectory):
    def test_ends_the_watch(self):
        wd = _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.assertIsNone(_inotify.remove(self.fd, wd))
        self.touch("f")
        (event,) = read(self.fd)
        self.assertEqual((event["wd"], event["mask"]), (wd, _inotify.IGNORED))

    def test_errors(self):
        wd = _inotify.add(self.fd, self.dir, _inotify.CREATE)
        _inotify.remove(self.fd, wd)
        for number, args in ((errno.EINVAL, (self.fd, wd)), (errno.EINVAL, (self.fd, 4711))):
            with self.subTest(args=args), self.assertRaises(OSError) as caught:
                _inotify.remove(*args)
            self.assertEqual(caught.exception.errno, number)
        self.assertRaises(TypeError, _inotify.remove, self.fd)
        self.assertRaises(TypeError, _inotify.remove, self.fd, "1")
        self.assertRaises(OverflowError, _inotify.remove, self.fd, 1 << 40)


class Read(InDirectory):
    def test_nothing_queued(self):
        calls = []
        with self.assertRaises(BlockingIOError) as caught:
            _inotify.read_event(self.fd, calls.append)
        self.assertEqual(caught.exception.errno, errno.EAGAIN)
        self.assertEqual(calls, [])

    def test_nothing_queued_on_a_blocking_descriptor(self):
        os.set_blocking(self.fd, True)
        self.assertRaises(BlockingIOError, _inotify.read_event, self.fd, print)
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.touch("f")
        self.assertEqual(brief(read(self.fd)), [(_inotify.CREATE, "f")])

    def test_event(self):
        wd = _inotify.add(self.fd, self.dir, _inotify.CREATE | _inotify.MOVE)
        os.mkdir(self.path("d"))
        os.rename(self.path("d"), self.path("e"))
        self.assertIsNone(_inotify.read_event(self.fd, (events := []).append))
        created, left, came = events
        self.assertIs(type(created), dict)
        self.assertEqual(list(created), ["wd", "mask", "cookie", "name", "len"])
        self.assertEqual(created["wd"], wd)
        self.assertEqual(created["mask"], _inotify.CREATE | _inotify.ISDIR)
        self.assertEqual((created["cookie"], created["name"]), (0, "d"))
        self.assertGreaterEqual(created["len"], 2)
        self.assertEqual(left["mask"], _inotify.MOVED_FROM | _inotify.ISDIR)
        self.assertEqual(came["mask"], _inotify.MOVED_TO | _inotify.ISDIR)
        self.assertEqual((left["name"], came["name"]), ("d", "e"))
        self.assertEqual(left["cookie"], came["cookie"])
        self.assertNotEqual(left["cookie"], 0)

    def test_event_without_a_name(self):
        self.touch("f")
        wd = _inotify.add(self.fd, self.path("f"), _inotify.ALL_EVENTS)
        os.unlink(self.path("f"))
        events = read(self.fd)
        self.assertEqual([event["mask"] for event in events],
                         [_inotify.ATTRIB, _inotify.DELETE_SELF, _inotify.IGNORED])
        for event in events:
            self.assertEqual((event["wd"], event["name"], event["len"]), (wd, None, 0))

    def test_names_of_every_length(self):
        """A record is taken whole, and by itself, whatever its length."""
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        names = ["x" * length for length in range(1, 256)]
        self.touch(*names, *[name[:-1] + "y" for name in reversed(names)])
        expected = names + [name[:-1] + "y" for name in reversed(names)]
        self.assertEqual([event["name"] for event in read(self.fd)], expected)

    def test_names_of_any_bytes(self):
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        names = [b"\xff", b"new\nline", "\u00e4\U0001f600".encode(), b"\x01\x7f", b"a\xc3"]
        for name in names:
            with open(os.path.join(os.fsencode(self.dir), name), "wb"):
                pass
        events = read(self.fd)
        self.assertEqual([os.fsencode(event["name"]) for event in events], names)
        self.assertEqual([event["name"] for event in events], [os.fsdecode(name) for name in names])

    def test_any_callable(self):
        class Caller:
            def __init__(self):
                self.seen = []

            def __call__(self, event):
                self.seen.append(event["name"])

            def method(self, event):
                self.seen.append(event["name"])

        caller = Caller()
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        for name, callback in (("a", caller), ("b", caller.method),
                               ("c", lambda event: caller.method(event)),
                               ("d", lambda *events: caller.method(*events))):
            self.touch(name)
            _inotify.read_event(self.fd, callback)
        self.assertEqual(caller.seen, ["a", "b", "c", "d"])

    def test_bad_arguments(self):
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.touch("f")
        with self.assertRaisesRegex(TypeError, "callable, not NoneType"):
            _inotify.read_event(self.fd, None)
        self.assertRaises(TypeError, _inotify.read_event, self.fd)
        self.assertRaises(TypeError, _inotify.read_event, None, print)
        self.assertRaises(TypeError, _inotify.read_event, self.fd, lambda: None)

    def test_other_descriptors(self):
        os.close(self.fd)
        with self.assertRaises(OSError) as caught:
            _inotify.read_event(self.fd, print)
        self.assertEqual(caught.exception.errno, errno.EBADF)
        with open(os.devnull) as null, self.assertRaises(OSError) as caught:
            _inotify.read_event(null, print)
        self.assertEqual(caught.exception.errno, errno.ENOTTY)
        readable, writable = os.pipe()
        self.addCleanup(os.close, readable)
        self.addCleanup(os.close, writable)
        os.write(writable, b"\x7f" * 64)
        with self.assertRaises(OSError) as caught:
            _inotify.read_event(readable, print)
        self.assertEqual(caught.exception.errno, errno.EINVAL)

    def test_every_event_once_from_a_full_queue(self):
        with open("/proc/sys/fs/inotify/max_queued_events") as file:
            room = int(file.read())
        if room > 100000:
            self.skipTest("the queue holds %d events" % room)
        wd = _inotify.add(self.fd, self.dir, _inotify.ATTRIB)
        self.touch("f", "g")
        for i in range(room):
            os.utime(self.path("fg"[i % 2]))
        os.utime(self.path("f"))
        events = read(self.fd)
        self.assertEqual(len(events), room + 1)
        self.assertEqual({(event["wd"], event["mask"]) for event in events[:-1]},
                         {(wd, _inotify.ATTRIB)})
        last = events[-1]
        self.assertEqual((last["wd"], last["mask"], last["name"]), (-1, _inotify.Q_OVERFLOW, None))

    def test_ends_though_events_keep_coming(self):
        """Each callback makes another event: what was queued at the call is all that is read."""
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.touch("first", "second")
        seen = []

        def more(event):
            seen.append(event["name"])
            self.assertLess(len(seen), 10)
            self.touch("more%d" % len(seen))

        _inotify.read_event(self.fd, more)
        self.assertEqual(seen, ["first", "second"])
        self.assertEqual([event["name"] for event in read(self.fd)], ["more1", "more2"])


class Callbacks(InDirectory):
    """What a callback can do to the events behind its own."""

    def setUp(self):
        super().setUp()
        _inotify.add(self.fd, self.dir, _inotify.CREATE)

    def test_an_exception_loses_nothing(self):
        class Stop(Exception):
            pass

        names = ["%d" % i * (i + 1) for i in range(10)]
        self.touch(*names)
        seen = []

        def stop(event):
            seen.append(event["name"])
            raise Stop(event["name"])

        for name in names:
            self.assertEqual(select.select([self.fd], [], [], 0)[0], [self.fd])
            with self.assertRaises(Stop) as caught:
                _inotify.read_event(self.fd, stop)
            self.assertEqual(caught.exception.args, (name,))
        self.assertEqual(seen, names)
        self.assertRaises(BlockingIOError, _inotify.read_event, self.fd, stop)

    def test_a_new_instance_under_the_same_number(self):
        self.touch("old1", "old2")
        self.assertRaises(ZeroDivisionError, _inotify.read_event, self.fd, lambda event: 1 / 0)
        os.close(self.fd)
        self.assertEqual(_inotify.create(), self.fd)
        self.assertRaises(BlockingIOError, _inotify.read_event, self.fd, print)
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.touch("new")
        self.assertEqual(brief(read(self.fd)), [(_inotify.CREATE, "new")])

    def test_closing_the_descriptor(self):
        """Even where the number stands for another file at once, that is not touched."""
        self.touch("a", "b", "c")
        seen = []
        other = self.path("other")
        with open(other, "wb") as file:
            file.write(b"x" * 1000)
        opened = []

        def close(event):
            seen.append(event["name"])
            if not opened:
                os.close(self.fd)
                opened.append(os.open(other, os.O_RDONLY))
                self.assertEqual(opened, [self.fd])

        _inotify.read_event(self.fd, close)
        self.assertEqual(seen, ["a", "b", "c", "other"])
        self.assertEqual(os.lseek(self.fd, 0, os.SEEK_CUR), 0)

    def test_reading_inside(self):
        self.touch("a", "b", "c")
        seen = []

        def outer(event):
            seen.append(event["name"])
            if event["name"] == "a":
                _inotify.read_event(self.fd, lambda event: seen.append(event["name"]))

        _inotify.read_event(self.fd, outer)
        self.assertEqual(seen, ["a", "b", "c"])

    def test_threads(self):
        """Four threads read the same queue: each event is read once, whole."""
        names = ["name%04d" % i * (1 + i % 20) for i in range(4000)]
        self.touch(*names)
        seen = [[] for _ in range(4)]

        def work(mine):
            try:
                while True:
                    _inotify.read_event(self.fd, lambda event: mine.append(event["name"]))
            except BlockingIOError:
                pass

        threads = [threading.Thread(target=work, args=(mine,)) for mine in seen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(sum(seen, [])), sorted(names))

    def test_signals(self):
        """A signal's handler runs between two events, whatever the callback is made of."""
        class Hit(Exception):
            pass

        def hit(number, frame):
            raise Hit

        try:
            import ctypes
        except ImportError:
            self.skipTest("this Python has no ctypes")

        class Signal:
            @staticmethod
            def from_param(event):
                return ctypes.c_int(signal.SIGUSR1)

        # Sends the signal in C: after it, there is no bytecode until the next event.
        callback = getattr(ctypes.PyDLL(None), "raise")
        callback.argtypes = [Signal]
        self.addCleanup(signal.signal, signal.SIGUSR1, signal.signal(signal.SIGUSR1, hit))
        self.touch("a", "b")
        self.assertRaises(Hit, _inotify.read_event, self.fd, callback)
        self.assertEqual([event["name"] for event in read(self.fd)], ["b"])


class Waiting(InDirectory):
    """Another thread goes on while a call waits."""

    def test_reading(self):
        """The outer call is in a read that waits for what only the thread can bring about. If the
        pauses were too short for it to get there, this would find nothing, but not fail."""
        code = r"""
import _inotify, os, sys, threading, time
fd = _inotify.create()
os.set_blocking(fd, True)
_inotify.add(fd, sys.argv[1], _inotify.CREATE)
def make(name):
    open(os.path.join(sys.argv[1], name), "w").close()
make("first"); make("second")
seen = []
def late():
    for _ in range(50):
        time.sleep(0.002)
    make("third")
def outer(event):
    seen.append(event["name"])
    if len(seen) == 1:
        # Takes the second one, so that the outer call waits for a third.
        _inotify.read_event(fd, outer)
        threading.Thread(target=late).start()
_inotify.read_event(fd, outer)
assert seen == ["first", "second", "third"], seen
"""
        subprocess.run([sys.executable, "-c", code, self.dir], check=True, timeout=30)


class Memory(InDirectory):
    ROUNDS = 1000

    def events(self, new=False):
        """One round of all that the module does, the errors too; on a new instance or the one that
        is there, since the kernel takes its time to close one."""
        fd = _inotify.create() if new else self.fd
        wd = _inotify.add(fd, self.dir, _inotify.CREATE | _inotify.DELETE)
        for args in ((fd, self.path("missing"), 1), (fd, self.dir, 0), (fd, self.dir, -1),
                     (fd, "a\0", 1), (-1, self.dir, 1), (fd, 1, 1)):
            try:
                _inotify.add(*args)
            except (OSError, OverflowError, ValueError, TypeError):
                pass
        self.touch("a", "long" * 50)
        os.unlink(self.path("a"))
        os.unlink(self.path("long" * 50))
        for callback in (self.fail_at_once, None, self.nothing, self.nothing):
            try:
                _inotify.read_event(fd, callback)
            except (ZeroDivisionError, TypeError, BlockingIOError):
                pass
        _inotify.remove(fd, wd)
        _inotify.read_event(fd, self.nothing)
        if new:
            os.close(fd)

    @staticmethod
    def fail_at_once(event):
        1 / 0

    @staticmethod
    def nothing(event):
        pass

    @unittest.skipUnless(hasattr(sys, "gettotalrefcount"), "no debug build of Python")
    def test_total_of_references(self):
        self.events()
        gc.collect()
        before = sys.gettotalrefcount()
        for i in range(self.ROUNDS):
            self.events(new=i % 50 == 0)
        gc.collect()
        self.assertLess(sys.gettotalrefcount() - before, self.ROUNDS / 10)

    def test_references(self):
        watched = ["wd", "mask", "cookie", "name", "len", None, self.dir, self.nothing,
                   self.fail_at_once, OSError, BlockingIOError]
        self.events()
        before = [sys.getrefcount(it) for it in watched]
        for i in range(self.ROUNDS):
            self.events(new=i % 50 == 0)
        gc.collect()
        for it, count in zip(watched, before):
            self.assertLess(sys.getrefcount(it) - count, self.ROUNDS / 10, it)

    def test_memory(self):
        self.events()
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.events()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(self.ROUNDS):
            self.events(new=i % 50 == 0)
        gc.collect()
        # The least object of Python takes 16 bytes.
        self.assertLess(tracemalloc.get_traced_memory()[0] - before, self.ROUNDS * 4)

    def test_descriptors(self):
        before = sorted(os.listdir("/proc/self/fd"))
        for _ in range(10):
            self.events(new=True)
        self.assertEqual(sorted(os.listdir("/proc/self/fd")), before)

    def test_loading_again(self):
        """A module of its own each time, which goes away with all it holds."""
        code = """
import gc, sys, tracemalloc
def load():
    sys.modules.pop("_inotify", None)
    import _inotify
    assert _inotify.CREATE == 256
    return id(_inotify)
import _inotify as first
assert load() != id(first)
tracemalloc.start()
# The import system keeps a little itself, most of it in the beginning.
for _ in range(200): load()
gc.collect()
memory, references = tracemalloc.get_traced_memory()[0], sys.getrefcount("cookie")
for _ in range(200): load()
gc.collect()
memory = tracemalloc.get_traced_memory()[0] - memory
references = sys.getrefcount("cookie") - references
assert memory < 200 * 200, memory
assert references < 20, references
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


class Interpreters(InDirectory):
    def test_several(self):
        try:
            import _interpreters as interpreters
        except ImportError:
            try:
                import _xxsubinterpreters as interpreters
            except ImportError:
                self.skipTest("this Python has neither _interpreters nor _xxsubinterpreters")
        code = """
import sys; sys.path[:] = %r
import os, _inotify
fd = _inotify.create()
_inotify.add(fd, %r, _inotify.CREATE)
open(os.path.join(%r, %r), "w").close()
names = []
_inotify.read_event(fd, lambda event: names.append(event["name"]))
os.close(fd)
assert names == [%r], names
"""
        for name in ("a", "b", "c"):
            one = interpreters.create()
            try:
                # It raises an error, or returns it from 3.13 on.
                failed = interpreters.run_string(
                    one, code % (sys.path, self.dir, self.dir, name, name))
                self.assertIsNone(failed)
            finally:
                interpreters.destroy(one)
            self.assertTrue(os.path.exists(self.path(name)))
        _inotify.add(self.fd, self.dir, _inotify.CREATE)
        self.touch("d")
        self.assertEqual(brief(read(self.fd)), [(_inotify.CREATE, "d")])


class Constants(unittest.TestCase):
    def test_values(self):
        expected = dict(
            ACCESS=0x1, MODIFY=0x2, ATTRIB=0x4, CLOSE_WRITE=0x8, CLOSE_NOWRITE=0x10, OPEN=0x20,
            MOVED_FROM=0x40, MOVED_TO=0x80, CREATE=0x100, DELETE=0x200, DELETE_SELF=0x400,
            MOVE_SELF=0x800, UNMOUNT=0x2000, Q_OVERFLOW=0x4000, IGNORED=0x8000, ONLYDIR=0x1000000,
            DONT_FOLLOW=0x2000000, EXCL_UNLINK=0x4000000, MASK_CREATE=0x10000000,
            MASK_ADD=0x20000000, IN_MASK_ADD=0x20000000, ISDIR=0x40000000, ONESHOT=0x80000000,
            CLOSE=0x18, MOVE=0xc0, ALL_EVENTS=0xfff, CHANGE=0xfce, COMPLETE=0x88,
            CLOSE_EXEC=os.O_CLOEXEC)
        found = {name: value for name, value in vars(_inotify).items() if name.isupper()}
        self.assertEqual(found, expected)

    def test_all_of_the_table(self):
        with open(os.path.join(TOP, "src/event.def")) as file:
            names = re.findall(r"^(?:EVENT|EVENT_JOINT|EVENT_GROUP|WATCH_FLAG)\((\w+),",
                               file.read(), re.MULTILINE)
        self.assertGreater(len(names), 20)
        self.assertEqual([name for name in names if not hasattr(_inotify, name)], [])

    def test_stub(self):
        with open(os.path.join(TOP, "src/python/_inotify.pyi")) as file:
            tree = ast.parse(file.read())
        names = {it.target.id for it in tree.body if isinstance(it, ast.AnnAssign)}
        functions = {it.name: it for it in tree.body if isinstance(it, ast.FunctionDef)}
        public = {name for name in dir(_inotify) if not name.startswith("_")}
        self.assertEqual(names | set(functions), public)
        for name, it in functions.items():
            parameters = ", ".join(arg.arg for arg in it.args.posonlyargs)
            signature = "(%s)" % (parameters + ", /" if parameters else "")
            self.assertEqual(getattr(_inotify, name).__text_signature__, signature, name)
        (event,) = [it for it in tree.body if isinstance(it, ast.ClassDef) and it.name == "_Event"]
        keys = [it.target.id for it in event.body]
        self.assertEqual(keys, ["wd", "mask", "cookie", "name", "len"])

    def test_docstrings(self):
        for it in (_inotify, _inotify.create, _inotify.add, _inotify.remove, _inotify.read_event):
            self.assertGreater(len(it.__doc__), 50)


if __name__ == "__main__":
    unittest.main()
