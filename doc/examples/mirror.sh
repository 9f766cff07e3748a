#!/bin/bash
# mirror.sh - keeps a copy of a directory up to date with rsync(1), on this machine or another.
#
# usage: mirror.sh DIRECTORY DESTINATION [RSYNC_OPTION]...
#
#     mirror.sh site web1:/srv/site --exclude='*.tmp'
#
# rsync finds out itself what differs, so it is enough to know that something has changed: all that
# has been reported by the time that it starts is in its copy, and what changes while it runs is
# reported anew. The first record, of --status, says that all is watched: rsync runs then too, so
# that nothing falls between the first copy and the first change. A run that fails is tried again
# with the next change.
set -u

if (($# < 2)); then
    echo "usage: ${0##*/} DIRECTORY DESTINATION [RSYNC_OPTION]..." >&2
    exit 1
fi
from=$1 to=$2
shift 2

pywatch -m -r --json --status -e change --settle 300 --max-delay 5000 -- "$from" |
    while read -r _; do
        # One run for all that has come by now.
        until=$((SECONDS + 2))
        while ((SECONDS < until)) && read -r -t 0.05 _; do :; done
        rsync --archive --delete "$@" -- "$from/" "$to/" || echo "${0##*/}: not copied" >&2
    done
exit "${PIPESTATUS[0]}"
