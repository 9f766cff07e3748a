#!/usr/bin/env python3
"""terminal.py FILE: ends with 0 if a terminal can be shown these bytes, and else says why not.

Allowed are newlines, valid UTF-8 without control characters or characters that reorder or hide
text, and with --colours the sequences that pywatch itself colours with (SGR).
"""

import re
import sys
import unicodedata

args = sys.argv[1:]
colours = "--colours" in args
data = open([a for a in args if a != "--colours"][0], "rb").read()
if colours:
    data = re.sub(rb"\x1b\[[0-9;]*m", b"", data)
try:
    text = data.decode()
except UnicodeDecodeError as wrong:
    sys.exit(f"not UTF-8: {wrong}")
for at, c in enumerate(text):
    if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        around = text[max(0, at - 20) : at + 20]
        sys.exit(f"U+{ord(c):04X} reaches the terminal: {around!a}")
