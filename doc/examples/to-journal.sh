#!/bin/bash
# to-journal.sh - what happens to files here, in the systemd journal.
#
# usage: to-journal.sh NAME PATH...
#
# Each entry is one JSON object, under the identifier NAME, at level "notice"; what pywatch has to
# say itself is there as well:
#
#     to-journal.sh watch-etc /etc
#     journalctl -t watch-etc -o cat | jq -R -r 'fromjson? | select(.path) | .time + " " + .path'
#
# The journal is sent on to other machines as all else in it is (systemd-journal-upload(8)); the tag
# "host" tells them apart there.
set -euo pipefail

if (($# < 2)); then
    echo "usage: ${0##*/} NAME PATH..." >&2
    exit 1
fi
name=$1
shift

pywatch -q -m -r --json --status -e change --settle 500 --join-moves \
    --tag host="$(uname -n)" --tag service="$name" -- "$@" 2>&1 |
    systemd-cat -t "$name" -p notice
