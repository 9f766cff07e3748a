#!/usr/bin/env bats
# --tag: members of one's own at the end of every JSON object.

bats_require_minimum_version 1.5.0
load helpers

TAGS=(--tag host=web1 --tag 'service=a "b" \c' --tag empty= --tag $'_n.1-x=two\nlines \xc3\xa4')
WANT='{"host":"web1","service":"a \"b\" \\c","empty":"","_n.1-x":"two\nlines ä"}'

# tags_are: each object ends with the tags, in their order, and none has a key twice.
tags_are() {
    [[ -s $OUT ]] || fail "there is no object"
    while IFS= read -r line; do
        [[ $(jq -c '{host, service, empty, "_n.1-x"}' <<<"$line") == "$WANT" ]] ||
            fail "no such tags: $line"
        [[ $line == *',"host":"web1","service":'*',"empty":"","_n.1-x":"'*'"}' ]] ||
            fail "not at the end: $line"
        python3 -c 'import json, sys
json.loads(sys.argv[1], object_pairs_hook=lambda p: len(dict(p)) == len(p) or sys.exit(1))' \
            "$line" || fail "a key twice: $line"
    done <"$OUT"
}

@test "records of events, with and without a name, and those of --status" {
    mkdir d/sub
    start -m -r --status -j "${TAGS[@]}" -e create,delete,delete_self d
    echo >d/f
    rmdir d/sub
    echo >$'d/\xff'
    sentinel d
    stop
    tags_are
    [[ $(jq -r 'select(.status) | .status' <"$OUT") == ready ]]
    grep -q path_b64 "$OUT"
}

# answered TOKEN: until the `sync` with it has been answered.
answered() { within printed "\"token\":\"$1\""; }

@test "answers to commands, and what is held goes before them" {
    mkfifo commands
    start -j --control commands --settle 60000 "${TAGS[@]}" -e create d
    exec {to}>commands
    printf 'list\nstats\nremove elsewhere\njunk\nsync w\n' >&"$to"
    answered w
    echo >d/f
    echo 'sync x' >&"$to"
    answered x
    tags_are
    [[ $(tail -n 2 "$OUT" | jq -r '.path // .token' | tr '\n' ' ') == 'd/f x ' ]]
}

@test "objects of --summary" {
    start --summary -j "${TAGS[@]}" -e create d
    echo >d/f
    within asleep
    stop INT
    tags_are
    [[ $(jq .total <"$OUT") == 1 ]]
}

@test "a key that an object has itself is refused" {
    mkdir d/sub
    echo >d/f
    mkfifo commands
    start -m -r --status --join-moves --initial --control commands -j \
        -e move,create,delete,delete_self d
    exec {to}>commands
    printf 'list\nstats\nadd elsewhere\nremove d\nsync x\n' >&"$to"
    answered x
    printf 'add d create,move,delete recursive\nsync y\n' >&"$to"
    answered y
    mv d/f $'d/sub/\xff'
    mv d/sub d/sup
    sentinel d
    stop
    jq -r 'keys[]' "$OUT" >all
    start --summary -j d
    cat d/sup/* >/dev/null
    within asleep
    stop INT
    jq -r 'keys[]' "$OUT" >>all
    sort -u all >keys
    grep -q from_b64 keys || grep -q name_b64 keys
    grep -q total keys
    grep -q overflows keys
    while IFS= read -r key; do
        finished -j --tag "$key=x" d
        expect_error --tag "'$key=x'" host
    done <keys
}

@test "mistakes" {
    finished --tag host=a d
    expect_error --tag --json
    finished -j --tag host d
    expect_error --tag "'host'" KEY=VALUE
    finished -j --tag 'a b=c' d
    expect_error --tag "'a b=c'" KEY=VALUE
    finished -j --tag a=b --tag a=c d
    expect_error --tag "'a=c'" once
    finished -j --tag $'a=\xff' d
    expect_error --tag UTF-8
}
