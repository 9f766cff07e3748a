#!/usr/bin/env python3
"""turns.py RECORDS [PATH...] - are the JSON records of --follow true to themselves?

CREATE and DELETE_SELF of each path take turns, nothing is told of a path that is not there, and
each PATH is there in the end and was finished after it had come. Prints what is wrong.
"""

import json
import sys

there, finished, wrong, count = {}, {}, 0, 0
with open(sys.argv[1], encoding="utf-8") as records:
    for line in records:
        record = json.loads(line)
        path, events = record["path"], record["events"]
        count += 1
        if "name" in record or "Q_OVERFLOW" in events:
            continue
        if "CREATE" in events:
            fault = there.get(path) and "CREATE of what is there"
            there[path], finished[path] = True, False
        elif "DELETE_SELF" in events:
            fault = there.get(path) is False and "DELETE_SELF of what is not there"
            there[path] = False
        else:
            fault = not there.get(path, True) and "an event of what is not there"
            finished[path] = finished.get(path) or "CLOSE_WRITE" in events
        if fault:
            wrong += 1
            print(f"seq {record['seq']}: {fault}: {line}", end="")
for path in sys.argv[2:]:
    if not there.get(path) or not finished.get(path):
        wrong += 1
        print(f"{path}: there {there.get(path)}, finished {finished.get(path)}")
print(f"# {count} records")
sys.exit(wrong > 0)
