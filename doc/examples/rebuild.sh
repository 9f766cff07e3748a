#!/bin/bash
# rebuild.sh - runs a command at the start, and whenever a source file has been saved.
#
# usage: rebuild.sh EXPRESSION DIRECTORY COMMAND [ARGUMENT]...
#
#     rebuild.sh '\.([ch]|def)$|/Makefile$' . make -j4
#     rebuild.sh '\.md$' doc ./make-pages
#
# EXPRESSION is an extended regular expression for the paths of source files. What the command makes
# must not match it, or it would run for ever. Files that are saved while the command runs make it
# run once more, and a whole "git checkout" is one run.
set -u

if (($# < 3)); then
    echo "usage: ${0##*/} EXPRESSION DIRECTORY COMMAND [ARGUMENT]..." >&2
    exit 1
fi
sources=$1 directory=$2
shift 2

pywatch -m -r --json --status -e complete,delete,moved_from --include "$sources" --ignore .git \
    --settle 150 --max-delay 2000 -- "$directory" |
    while read -r _; do
        # One run for all that has come by now.
        until=$((SECONDS + 2))
        while ((SECONDS < until)) && read -r -t 0.05 _; do :; done
        if "$@" </dev/null; then
            echo "${0##*/}: done" >&2
        else
            echo "${0##*/}: failed, with status $?" >&2
        fi
    done
exit "${PIPESTATUS[0]}"
