#!/usr/bin/env bats
# --status: records of what pywatch itself does, at their place among those of events.

load helpers

# kinds: one line a record: the status with its members, or the events and the path.
kinds() {
    grep -a -v -F .sentinel. "$OUT" |
        jq -r 'if .status then [.status, .watches, .path, .error] else [(.events | join(",")), .path] end
            | map(select(. != null)) | join(" ")'
}

expect_kinds() {
    diff -u --label expected --label printed <(printf '%s\n' "$@") <(kinds) >&2 ||
        fail "other records than expected"
}

# numbered: seq counts 1, 2, 3 over all of the output.
numbered() {
    jq -s -e '[.[].seq] == [range(1; length + 1)]' "$OUT" >/dev/null || fail "seq has gaps"
}

@test "ready: the first record, with the number of watches, and seq goes on with the events" {
    mkdir d/{1..4}
    start -m -r --json --status -e create d
    within printed '"status":"ready"'
    touch d/1/a d/4/b
    sentinel d
    expect_kinds 'ready 5' 'CREATE d/1/a' 'CREATE d/4/b'
    numbered
    jq -s -e '.[0] | keys_unsorted == ["time", "seq", "status", "watches"]
        and (.time | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$"))' "$OUT" >/dev/null
}

@test "ready is no record that --count counts, and nothing without --status" {
    begin --json --status -n 1 -e create d
    within printed ready
    touch d/a
    finish
    expect_status 0
    expect_kinds 'ready 1' 'CREATE d/a'

    start --json -n 1 -e create d
    touch d/b
    finish
    expect_kinds 'CREATE d/b'
}

@test "unwatched: a directory that may not be read, before ready, and the path byte for byte" {
    unprivileged
    mkdir -p d/open d/shut
    mkdir "d/$(printf 'odd\377')"
    chmod 000 d/shut d/odd*
    start -m -r --json --status -e create d
    touch d/open/f
    sentinel d
    chmod 755 d/shut d/odd*
    [[ $(kinds | head -n 2 | sort) == $'unwatched d/odd\xef\xbf\xbd Permission denied\nunwatched d/shut Permission denied' ]]
    [[ $(kinds | tail -n +3) == $'ready 2\nCREATE d/open/f' ]]
    numbered
    [[ $(jq -r '.path_b64 // empty' "$OUT" | base64 -d) == $'d/odd\377' ]]
}

@test "unwatched: one that comes later, at its place" {
    unprivileged
    start -m -r --json --status -e create d
    freeze
    mkdir -m 000 d/shut
    thaw
    within printed unwatched
    touch d/f
    sentinel d
    expect_kinds 'ready 1' 'CREATE,ISDIR d/shut' 'unwatched d/shut Permission denied' 'CREATE d/f'
}

@test "watch_lost: a path that was named is gone" {
    mkdir e
    start -m --json --status -e create,delete_self d e
    rmdir e
    within printed watch_lost
    touch d/a
    sentinel d
    expect_kinds 'ready 2' 'DELETE_SELF e' 'watch_lost e' 'CREATE d/a'
    numbered
}

@test "watch_lost: not for what -r covers, and for the last one before the end" {
    mkdir d/sub
    start -m -r --json --status -e create,delete d
    rmdir d/sub
    rmdir d
    finish
    expect_status 1
    said 'nothing is left to watch'
    expect_kinds 'ready 2' 'DELETE,ISDIR d/sub' 'watch_lost d'
}

@test "resynced: after an overflow, behind Q_OVERFLOW" {
    start -m -r --json --status -e create d
    freeze
    fill d 20000
    thaw
    within printed resynced
    touch d/last
    sentinel d
    numbered
    kinds | grep -v 'CREATE d/[0-9]' >rest
    [[ $(cat rest) == $'ready 1\nQ_OVERFLOW\nresynced\nCREATE d/last' ]]
}

@test "--status: only with --json, not with --summary, and not where all is silent" {
    finished --status d
    expect_error 'pywatch: --status needs --json.'
    finished --status --json --summary d
    expect_error 'pywatch: --status and --summary cannot both be specified.'
    finished --status --json -qq d
    expect_error 'pywatch: --status has nothing to print where --quiet is given twice.'
}
