#!/usr/bin/env bats
# --join-moves: a rename within what is watched is one record.

bats_require_minimum_version 1.5.0
load helpers

BOTH=(--join-moves --format '%e %o %w%f')

@test "a rename is one MOVE with both paths, of files and of directories" {
    mkdir d/sub d/other
    echo >d/f
    start -m -r -e move "${BOTH[@]}" -e create,delete d
    mv d/f d/g
    mv d/g d/sub/h
    mv d/sub d/other/
    mv d/other/sub/h d/h
    sentinel d
    expect_records \
        'MOVE d/f d/g' \
        'MOVE d/g d/sub/h' \
        'MOVE,ISDIR d/sub d/other/sub' \
        'MOVE d/other/sub/h d/h'
}

@test "a rename between two directories that are named, without -r" {
    mkdir e
    echo >d/f
    start -m -e move,delete "${BOTH[@]}" d e
    mv d/f e/g
    sentinel d
    expect_records 'MOVE d/f e/g'
}

@test "what comes or goes is half a rename, and keeps its place" {
    mkdir outside
    echo >d/f
    echo >outside/g
    start -m -r -e move,create,delete "${BOTH[@]}" d
    mv d/f outside/
    mkdir d/f
    mv outside/g d/
    sentinel d
    expect_records \
        'MOVED_FROM  d/f' \
        'CREATE,ISDIR  d/f' \
        'MOVED_TO  d/g'
}

@test "half a rename is printed though nothing else happens" {
    echo >d/f
    start -m -e move "${BOTH[@]}" d
    mv d/f .
    within printed 'MOVED_FROM  d/f'
    stop
    expect_output 'MOVED_FROM  d/f'
}

@test "a rename over another name, and a storm of them" {
    for i in {1..300}; do echo >"d/f$i"; done
    start -m -r -e move,create,delete --join-moves --format '%e %o %f' d
    for i in {1..300}; do mv "d/f$i" d/g; done
    sentinel d
    diff -u <(for i in {1..300}; do echo "MOVE d/f$i g"; done) <(records)
}

@test "the forms of a MOVE: text, CSV, JSON, a terminal" {
    echo >d/f
    start -m -e move,delete --join-moves d
    mv d/f d/g
    sentinel d
    stop
    expect_records 'd/ MOVE g'

    start -m -e move,delete --join-moves --csv d
    mv d/g d/h
    sentinel d
    stop
    expect_records 'd/,MOVE,h'

    start -m -e move,delete --join-moves --json d
    mv d/h d/i
    sentinel d
    stop
    [[ $(records | jq -c 'del(.time,.cookie,.wd)') == \
        '{"seq":1,"events":["MOVE"],"path":"d/i","watch":"d/","name":"i","from":"d/h","mask":192}' ]]
    [[ $(records | jq '.cookie > 0') == true ]]

    begin_tty -m -e move,delete --join-moves --color=never d
    within said_or_ended 'Watches established.'
    mv d/i d/j
    sentinel d
    printed 'MOVE              d/i -> d/j'
}

@test "an exchange is two, which say so" {
    echo >d/f
    mkdir d/sub
    start -m -r -e move,delete --join-moves --json d
    python3 -c 'import ctypes
exit(ctypes.CDLL(None).renameat2(-100, b"d/f", -100, b"d/sub", 2))' || skip "no renameat2 here"
    mv d/f d/g
    sentinel d
    diff -u <(printf '%s\n' 'd/f d/sub true' 'd/sub d/f true' 'd/f d/g null') \
        <(records | jq -r '"\(.from) \(.path) \(.exchanged)"')
}

@test "both halves have to pass the filters: --include, --exclude, -e" {
    echo >d/f.tmp
    echo >d/g.c
    start -m -r -e move,create "${BOTH[@]}" --include '\.c$' --include sentinel d
    mv d/f.tmp d/f.c
    mv d/g.c d/g.bak
    mv d/f.c d/h.c
    sentinel d
    stop
    expect_records \
        'MOVED_TO d/f.tmp d/f.c' \
        'MOVED_FROM  d/g.c' \
        'MOVE d/f.c d/h.c'

    start -m -r -e moved_to,create "${BOTH[@]}" d
    mv d/h.c d/i.c
    sentinel d
    stop
    expect_records 'MOVED_TO d/h.c d/i.c'

    start -m -r -e moved_from,create "${BOTH[@]}" d
    mv d/i.c d/j.c
    sentinel d
    stop
    expect_records 'MOVED_FROM  d/i.c'
}

@test "a half whose other half is filtered away does not wait" {
    echo >d/f.c
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -qq -o trace -e trace=ppoll)
    start -m -e move "${BOTH[@]}" --include '\.c$' d
    mv d/f.c d/g
    within printed 'MOVED_FROM  d/f.c'
    # None of its waits had an end.
    [[ $(grep -c 'ppoll(.*tv_sec' trace) == 0 ]]
}

@test "-n and -t count what is printed, and a half that waits is printed" {
    echo >d/f
    echo >d/g
    start -n 2 -e move "${BOTH[@]}" d
    mv d/f d/h
    mv d/g .
    finish
    expect_status 0
    expect_output 'MOVE d/f d/h' 'MOVED_FROM  d/g'

    start -t 10 -e move "${BOTH[@]}" d
    mv d/h d/i
    finish
    expect_status 0
    expect_output 'MOVE d/h d/i'
}

@test "the end by a signal loses no half" {
    echo >d/f
    start -m -e move "${BOTH[@]}" d
    freeze
    mv d/f .
    kill -TERM "$PID"
    thaw
    finish
    expect_status 143
    expect_output 'MOVED_FROM  d/f'
}

@test "sequence numbers have no gaps" {
    for i in {1..50}; do echo >"d/f$i"; done
    start -m -e move,delete --join-moves --json d
    for i in {1..50}; do
        mv "d/f$i" d/g
        ((i % 10)) || mv d/g .
    done
    sentinel d
    [[ $(jq -s 'map(.seq) == [range(1; length + 1)]' <"$OUT") == true ]]
    [[ $(records | jq -r .events[0] | sort | uniq -c | tr -s ' \n' ' ') == ' 50 MOVE 5 MOVED_FROM ' ]]
}

@test "a loss is not held up, and the MOVE behind it is whole" {
    mkdir d/sub
    start -m -r -e move,create,delete --join-moves --json d
    freeze
    echo >d/f
    mv d/f .
    lose d/sub
    thaw
    within printed Q_OVERFLOW
    sentinel d
    stop
    # In order: the half that waited, then all that the queue still took, then the loss.
    [[ $(jq -r 'select(.events[0] == "MOVED_FROM" or .events[0] == "Q_OVERFLOW") | .events[0]' <"$OUT" |
        head -n 2 | tr '\n' ' ') == 'MOVED_FROM Q_OVERFLOW ' ]]
    [[ $(jq -s 'map(.seq) == [range(1; length + 1)]' <"$OUT") == true ]]
}

@test "it cannot be had with --summary" {
    finished --summary --join-moves d
    expect_error --join-moves --summary
}
