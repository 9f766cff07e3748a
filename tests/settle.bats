#!/usr/bin/env bats
# --settle and --max-delay: one record a path, once it is quiet.
#
# Where a test is about what is held, it is held for a minute, and the end of the run prints it: so
# nothing hangs on how fast the machine is.

bats_require_minimum_version 1.5.0
load helpers

HELD=(--settle 60000)

records_are() { [[ $(wc -l <"$OUT") -ge $1 ]]; }

# read_all: until all that has happened has been read.
read_all() { within asleep; }

@test "a record comes when its path has been quiet, with all its events" {
    start -m --settle 300 "${PLAIN[@]}" d
    freeze
    echo a >d/f
    echo b >>d/f
    cat d/f
    chmod 600 d/f
    thaw
    within printed d/f
    expect_output 'ACCESS,MODIFY,ATTRIB,CLOSE_WRITE,CLOSE_NOWRITE,OPEN,CREATE,CLOSE d/f'
    echo c >>d/f
    within records_are 2
    [[ $(tail -n 1 "$OUT") == 'MODIFY,CLOSE_WRITE,OPEN,CLOSE d/f' ]]
}

@test "it is held for as long" {
    start -n 1 --settle 700 -e create "${PLAIN[@]}" d
    before=$(date +%s%3N)
    echo >d/f
    finish
    expect_status 0
    (($(date +%s%3N) - before >= 700))
    expect_output 'CREATE d/f'
}

@test "JSON: the mask has all bits, the numbers are those of the last, seq has no gap" {
    start -m "${HELD[@]}" --json -e create,modify,attrib,close_write d
    echo >d/f
    echo >d/g
    chmod 600 d/f
    read_all
    stop
    expect_status 143
    [[ $(jq -c 'del(.time)' <"$OUT") == '{"seq":1,"events":["MODIFY","ATTRIB","CLOSE_WRITE","CREATE"],"path":"d/f","watch":"d/","name":"f","wd":1,"mask":270}
{"seq":2,"events":["MODIFY","CLOSE_WRITE","CREATE"],"path":"d/g","watch":"d/","name":"g","wd":1,"mask":266}' ]]
}

@test "the order is that in which paths were first heard of" {
    start -m -r "${HELD[@]}" -e create,modify,delete "${PLAIN[@]}" d
    echo >d/a
    mkdir d/b
    watching 2
    echo >d/b/c
    echo >d/d
    echo >>d/a
    rm d/d
    read_all
    stop
    expect_output 'MODIFY,CREATE d/a' 'CREATE,ISDIR d/b' 'MODIFY,CREATE d/b/c' 'MODIFY,CREATE,DELETE d/d'
}

# busy FILE: writes to it all the time, until it is killed.
busy() {
    python3 -c 'import sys, time
while True:
    open(sys.argv[1], "a").write(".")
    time.sleep(0.02)' "$1" 3>&- &
    BUSY=$!
    PIDS+=("$BUSY")
}

@test "a path that is never quiet is told of after --max-delay, and ten times --settle without it" {
    busy d/f
    start -m --settle 1000 --max-delay 1500 -e modify "${PLAIN[@]}" d
    within printed d/f
    stop
    start -m --settle 150 -e modify "${PLAIN[@]}" d
    within records_are 2
}

@test "a path that is never quiet does not hold up the others" {
    busy d/f
    start -m --settle 500 --max-delay 600000 -e modify,create "${PLAIN[@]}" d
    echo >d/g
    within printed 'MODIFY,CREATE d/g'
}

@test "nothing that is held is lost at the end: signals" {
    for signal in TERM INT HUP; do
        start -m "${HELD[@]}" -e create "${PLAIN[@]}" d
        echo >"d/$signal"
        read_all
        expect_output
        stop "$signal"
        expect_output "CREATE d/$signal"
    done
    expect_status 129
    start -m "${HELD[@]}" -e create "${PLAIN[@]}" d
    freeze
    echo >d/unread
    kill -TERM "$PID"
    thaw
    finish
    expect_output 'CREATE d/unread'
}

@test "nothing that is held is lost at the end: nothing is left to watch" {
    echo >d/f
    start -m "${HELD[@]}" "${PLAIN[@]}" d/f
    chmod 600 d/f
    rm d/f
    finish
    expect_status 1
    said 'nothing is left to watch'
    expect_output 'ATTRIB,DELETE_SELF d/f'
    echo >d/f
    start "${HELD[@]}" "${PLAIN[@]}" d/f
    chmod 600 d/f
    rm d/f
    finish
    expect_status 0
    expect_output 'ATTRIB,DELETE_SELF d/f'
    echo >d/f
    start "${HELD[@]}" -e modify "${PLAIN[@]}" d/f
    rm d/f
    finish
    expect_status 1
    expect_output
}

@test "-n counts what is printed" {
    start -n 2 --settle 300 -e create "${PLAIN[@]}" d
    freeze
    echo >d/a
    echo >d/b
    echo >d/c
    thaw
    finish
    expect_status 0
    expect_output 'CREATE d/a' 'CREATE d/b'
    start --settle 100 -e modify,close_write "${PLAIN[@]}" d
    freeze
    echo >>d/a
    thaw
    finish
    expect_status 0
    expect_output 'MODIFY,CLOSE_WRITE,CLOSE d/a'
}

@test "-t does not run out while something is held, and starts anew when that is printed" {
    start -t 0.5 --settle 1500 -e create "${PLAIN[@]}" d
    echo >d/a
    finish
    expect_status 0
    expect_output 'CREATE d/a'
    start -m -t 0.5 --settle 1500 -e create "${PLAIN[@]}" d
    echo >d/b
    finish
    expect_status 2
    expect_output 'CREATE d/b'
}

@test "it ends with its reader, whatever is held" {
    begin_pipe 'read -r line' -m "${HELD[@]}" -e create,q_overflow "${PLAIN[@]}" d
    ready
    echo >d/a
    read_all
    kill -KILL "$READER"
    finish
    expect_status 141
}

@test "no wake-ups but for what is held" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -qq -o trace -e 'trace=ppoll,read')
    start -m --settle 200 --join-moves -e create,move "${PLAIN[@]}" d
    # It sleeps without a limit, before and after.
    forever() { [[ $(tail -n 1 trace) == *', NULL, [], 8'* || $(tail -n 1 trace) == 'read('+([0-9])', ' ]]; }
    within forever
    echo >d/f
    within printed d/f
    within forever
    [[ $(grep -c 'tv_sec=0' trace) -ge 1 ]]
    waits=$(wc -l <trace)
    mv d/f d/g
    mv d/g .
    within printed 'MOVED_FROM d/g'
    within forever
    (($(wc -l <trace) - waits < 20))
}

@test "a path that is renamed or deleted meanwhile" {
    start -m -r "${HELD[@]}" -e create,modify,move,delete --format '%e %o %w%f' d
    echo >d/f
    mv d/f d/g
    echo >d/h
    rm d/h
    mkdir d/sub
    watching 2
    echo >d/sub/i
    mv d/sub d/sup
    read_all
    stop
    expect_output \
        'MODIFY,MOVED_FROM,CREATE  d/f' \
        'MOVED_TO d/f d/g' \
        'MODIFY,CREATE,DELETE  d/h' \
        'MOVED_FROM,CREATE,ISDIR  d/sub' \
        'MODIFY,CREATE  d/sub/i' \
        'MOVED_TO,ISDIR d/sub d/sup'
}

@test "with --join-moves: a file that is saved by rename" {
    echo old >d/f
    start -m -r "${HELD[@]}" --join-moves -e create,modify,close_write,move,delete \
        --format '%e %o %w%f' d
    echo new >d/.f.tmp
    mv d/.f.tmp d/f
    echo newer >d/.f.tmp
    mv d/.f.tmp d/f
    within printed d/.f.tmp
    read_all
    stop
    expect_output \
        'MODIFY,CLOSE_WRITE,CREATE,CLOSE  d/.f.tmp' \
        'MODIFY,CLOSE_WRITE,CREATE,CLOSE  d/.f.tmp' \
        'MOVE d/.f.tmp d/f'
}

@test "what is inferred and what is read become one record" {
    mkdir d/sub
    echo >d/f
    start -m --initial "${HELD[@]}" --json -e create,attrib d
    chmod 600 d/f
    read_all
    stop
    [[ $(jq -s -r 'sort_by(.path)[] | "\(.path) \(.events | join(",")) \(.synthetic)"' <"$OUT") == \
'd/f ATTRIB,CREATE null
d/sub CREATE,ISDIR true' ]]
}

@test "Q_OVERFLOW is not held up: what is held goes before it" {
    mkdir d/sub
    start -m -r "${HELD[@]}" --json -e create,delete d
    echo >d/f
    read_all
    expect_output
    freeze
    lose d/sub
    thaw
    within printed Q_OVERFLOW
    [[ $(head -n 3 "$OUT" | jq -r '.events | join(",")' | tr '\n' ' ') == \
        'CREATE CREATE,DELETE,ISDIR Q_OVERFLOW ' ]]
    stop
}

@test "an unmount is not held up" {
    mount_tmpfs d
    mkdir d/sub
    start -m "${HELD[@]}" --json -e create d/sub
    echo >d/sub/f
    read_all
    expect_output
    umount "$PWD/d"
    finish
    [[ $(jq -r '.events | join(",")' <"$OUT" | tr '\n' ' ') == 'CREATE UNMOUNT,ISDIR ' ]]
}

@test "a record of --status has its place: what is held goes before it" {
    echo >d/f
    start -m "${HELD[@]}" --json --status -e create d d/f
    echo >d/g
    rm d/f
    within printed watch_lost
    [[ $(jq -r '.status // .path' <"$OUT" | tr '\n' ' ') == 'ready d/g watch_lost ' ]]
    stop
}

@test "memory is bounded: two hundred thousand paths, and none is lost" {
    start -m "${HELD[@]}" -e create --format %f d
    python3 -c 'import os
for i in range(200000):
    os.mknod("d/f%d" % i)'
    within printed f1000
    read_all
    size=$(kilobytes VmHWM)
    stop
    [[ -n $(<"$OUT") && $(wc -l <"$OUT") == 200000 && $(sort -u "$OUT" | wc -l) == 200000 ]]
    # What is held, what is on its way to the file, and the program.
    [[ $size -lt 100000 ]] || fail "$size KiB"
}

@test "mistakes" {
    finished --settle 0 d
    expect_error --settle "'0' is out of range" '1 to 86400000'
    finished --max-delay 5 d
    expect_error --max-delay --settle
    finished --settle 10 --max-delay 5 d
    expect_error --max-delay 'less than --settle'
    finished --settle 10 --summary d
    expect_error --summary --settle
}
