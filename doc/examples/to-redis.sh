#!/bin/bash
# to-redis.sh - what happens to files here, as entries of a stream in Redis.
#
# usage: to-redis.sh STREAM PATH...
#
# Each entry has one field, "record": a JSON object that bears the name of this machine. Consumers
# read them one after the other, from wherever they left off:
#
#     REDIS_HOST=redis.example to-redis.sh watch /srv/uploads   # on each machine
#     redis-cli -h redis.example XREAD BLOCK 0 STREAMS watch 0
#
# REDIS_HOST and REDIS_PORT say where the server is (127.0.0.1, 6379), and the client takes a
# password from REDISCLI_AUTH. The stream keeps about the last 100,000 entries. While the server
# cannot be reached, records wait: in pywatch's memory, up to --buffer.
set -euo pipefail

if (($# < 2)); then
    echo "usage: ${0##*/} STREAM PATH..." >&2
    exit 1
fi
stream=$1
shift

server() { redis-cli -e -h "${REDIS_HOST:-127.0.0.1}" -p "${REDIS_PORT:-6379}" "$@"; }

# add RECORD: true once the server has it. With -x the last argument comes from standard input.
add() { printf %s "$1" | server -x XADD "$stream" MAXLEN '~' 100000 '*' record >/dev/null; }

pywatch -m -r --json --status -e change --settle 500 --join-moves \
    --tag host="$(uname -n)" --tag service="$stream" -- "$@" |
    while IFS= read -r record; do
        refusals=0
        until add "$record"; do
            # It is there, and does not take it; once that may be because it has just come back.
            if server PING >/dev/null 2>&1; then
                ((++refusals < 2)) || exit 1
            fi
            sleep 1
        done
    done
