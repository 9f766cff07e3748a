#!/usr/bin/env python3
"""awkward.py DIRECTORY [FILE]: creates a file for each awkward name; prints DIRECTORY/NAME in base64.

FILE gets the same as it is, each ended by a NUL.
"""

import base64
import os
import sys

NAMES = [
    b"plain",
    b" leading",
    b"trailing ",
    b"  ",
    b"two  blanks",
    b"it's",
    b'say "hi"',
    b'"',
    b'""',
    b"back\\slash",
    b"\\",
    b"\\n",
    b"comma,comma",
    b",",
    b"new\nline",
    b"\n",
    b"\nd CREATE forged",
    b"x\nd,CREATE,forged",
    b'x"\n"d",CREATE,forged',
    b'"}\n{"seq":1,"path":"forged"}',
    b"d CREATE forged",
    b"CREATE",
    b"carriage\rreturn",
    b"\r",
    b"tab\ttab",
    b"\t",
    b"\x01\x02\x03\x07\x08\x0b\x0c\x1f",
    b"\x1b[31mred\x1b[0m",
    b"\x1b]0;title\x07",
    b"\x1b",
    b"\x7f",
    "c1 \u0080\u0085\u009b31m\u009d".encode(),
    b"\x9b31m",
    b"\x85",
    "bidi \u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c".encode(),
    "lines \u2028\u2029".encode(),
    "hidden \u200b\u2060\ufeff\u00ad".encode(),
    "tags \U000e0041\U000e007f".encode(),
    "gr\u00fc\u00df \u65e5\u672c \U0001f600 e\u0301".encode(),
    b"latin1 \xe4\xf6\xfc",
    b"\xff\xfe",
    b"\x80",
    b"cut \xe2\x82",
    b"overlong \xc0\xaf \xe0\x80\xaf",
    b"lone \xed\xa0\x80 \xed\xb0\x80",
    b"past \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80",
    b"bad\xffthen,\"quote\"\n\xfe",
    b"-r",
    b"--help",
    b"-",
    b"@excluded",
    b"%s%n%w",
    b"*",
    b"$(touch oops)",
    b"`touch oops`",
    b";",
    b"&",
    b"#",
    b"~",
    b"x" * 255,
    b"\n" * 255,
    b"\xff" * 255,
    b'"' * 255,
    "\u20ac".encode() * 85,
]

paths = [os.path.join(os.fsencode(sys.argv[1]), name) for name in NAMES]
for path in paths:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    print(base64.b64encode(path).decode())
if len(sys.argv) > 2:
    with open(sys.argv[2], "wb") as raw:
        raw.write(b"".join(path + b"\0" for path in paths))
