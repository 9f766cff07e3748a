#!/usr/bin/env python3
"""replay.py OUTPUT DIRECTORY: follows the JSON records of one run, which began with an empty
DIRECTORY, and compares what they say is there with what is there. Each entry has to be announced
once before anything else is said of it. Sentinels are left out. Prints what is wrong; the status
says whether anything is."""

import json
import os
import sys

output, top = sys.argv[1:]
there, moving, wrong = {}, {}, []


def take(path):
    """Takes the entry out of the model, with all that is below it."""
    below = [p for p in children.pop(path, ())] if path in children else []
    found = [path]
    there.pop(path, None)
    for p in below:
        found += take(p)
    parent = os.path.dirname(path)
    if parent in children:
        children[parent].discard(path)
    return found


def put(path):
    there[path] = True
    children.setdefault(os.path.dirname(path), set()).add(path)


children = {}
with open(output, encoding="utf-8") as lines:
    for line in lines:
        r = json.loads(line)
        events, path = r["events"], r.get("path", "")
        if ".sentinel." in path or "name" not in r:
            continue
        if "CREATE" in events:
            if path in there:
                wrong.append("announced twice: " + line)
            put(path)
        elif "MOVED_FROM" in events or "DELETE" in events:
            if path not in there:
                wrong.append("gone, and never there: " + line)
            went = take(path)
            if "MOVED_FROM" in events:
                moving[r["cookie"]] = [p[len(path):] for p in went]
        elif "MOVED_TO" in events:
            if path in there:
                take(path)
            for rest in moving.pop(r["cookie"], [""]):
                put(path + rest)
        elif path not in there:
            wrong.append("never announced: " + line)

disk = {os.path.join(d, n) for d, dirs, files in os.walk(top) for n in dirs + files}
disk = {p for p in disk if ".sentinel." not in p}
wrong += ["missing: " + p for p in sorted(disk - set(there))]
wrong += ["not there: " + p for p in sorted(set(there) - disk)]
for w in wrong[:20]:
    print(w.rstrip("\n"), file=sys.stderr)
if not disk:
    print("nothing is there", file=sys.stderr)
sys.exit(bool(wrong) or not disk)
