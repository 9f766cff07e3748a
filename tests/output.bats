#!/usr/bin/env bats
# How records leave pywatch: at once, in large blocks, to the last one.

load helpers

# The file that a reader waits for before it reads.
GATE='until [ -e go ]; do sleep 0.01; done'

lines_are() { [[ $(wc -l <"$OUT") -ge $1 ]]; }

@test "a single event reaches a pipe at once" {
    begin_pipe cat -m "${PLAIN[@]}" -e create d
    ready
    mkdir d/one
    # Nothing else happens that could push it along.
    within printed 'CREATE,ISDIR d/one'
}

@test "a single event reaches a file at once" {
    start -m "${PLAIN[@]}" -e create d
    mkdir d/one
    within printed 'CREATE,ISDIR d/one'
}

@test "a single event reaches a FIFO at once" {
    mkfifo fifo
    cat fifo >copy 3>&- &
    PIDS+=($!)
    begin -m "${PLAIN[@]}" -e create -o fifo d
    ready
    mkdir d/one
    within grep -qx 'CREATE,ISDIR d/one' copy
}

# switches: how often it has gone to sleep.
switches() { awk '/^voluntary/ { print $2 }' "/proc/$PID/status"; }

@test "a writer that never stops does not wake it for each record" {
    start -m "${PLAIN[@]}" -e modify d
    before=$(switches)
    # Two files in turn, so that the kernel can merge none; far enough apart to be read one by one;
    # fewer than its queue holds.
    python3 -c '
import os, time
fds = [os.open("d/" + n, os.O_WRONLY | os.O_CREAT) for n in "ab"]
for i in range(4000):
    os.pwrite(fds[i & 1], b"x", 0)
    until = time.monotonic() + 20e-6
    while time.monotonic() < until: pass'
    within lines_are 4000
    [[ $(wc -l <"$OUT") == 4000 ]]
    woken=$(($(switches) - before))
    ((woken < 4000 / 3)) || fail "woken $woken times"
}

# writes: how many system calls wrote records.
writes() { grep -c -E '^([0-9]+ +)?(write|writev|pwritev2|sendmsg)\(([013-9]|[1-9][0-9]),' trace; }

@test "one record after the other: each is a read and a write" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -o trace -e 'trace=read,poll,ppoll,write,writev,pwritev2')
    start -m "${PLAIN[@]}" -e create d
    mkdir d/first
    within lines_are 1
    for ((i = 2; i <= 31; i++)); do
        mkdir "d/$i"
        within lines_are "$i"
    done
    stop
    # From the first record on to the wait that the signal ended.
    calls=$(sed '1,/first/d; /ERESTART/,$d' trace | grep -c '(')
    ((calls >= 30 && calls <= 2 * 31)) || fail "$(sed '1,/first/d' trace)"
}

@test "10,000 queued events are a handful of writes" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -o trace -e 'trace=write,writev,pwritev2,sendmsg')
    start -m "${PLAIN[@]}" -e create d
    freeze
    fill d 10000
    thaw
    within lines_are 10000
    stop
    [[ $(wc -l <"$OUT") == 10000 ]]
    writes=$(writes)
    ((writes >= 1 && writes <= 10)) || fail "$writes writes"
}

@test "10,000 queued events in a pipe are no more writes than it needs" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -o trace -e 'trace=write,writev,pwritev2,sendmsg')
    begin_pipe cat -m "${PLAIN[@]}" -e create d
    ready
    freeze
    fill d 10000
    thaw
    within lines_are 10000
    stop
    # A pipe takes no less than a page at a time.
    writes=$(writes)
    bytes=$(wc -c <"$OUT")
    ((writes >= 1 && writes <= bytes / 4096 + 10)) || fail "$writes writes for $bytes bytes"
}

@test "pywatch -m DIR | head -1 ends at once, even if nothing further happens" {
    begin_pipe 'head -1' -m "${PLAIN[@]}" -e create d
    ready
    mkdir d/one
    finish
    expect_output 'CREATE,ISDIR d/one'
    [[ $STATUS == 141 ]] || fail "status $STATUS"
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
}

@test "a reader that leaves before anything happened ends it as well" {
    begin_pipe "$GATE" -m d
    ready
    touch go
    finish
    [[ $STATUS == 141 ]] || fail "status $STATUS"
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
}

@test "a reader that leaves while much waits for it ends it as well" {
    begin_pipe "head -1; $GATE" -m d
    ready
    fill d 10000
    touch go
    finish
    [[ $STATUS == 141 ]] || fail "status $STATUS"
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
}

@test "a slow reader that sleeps loses nothing" {
    begin_pipe "$GATE; cat" -m -e create --format '%s %f' d
    ready
    # More than the kernel's queue or a pipe holds, while nobody reads.
    for part in 1 2 3 4 5; do
        mkdir "d/$part"
        seq -f "d/$part.%.0f" 10000 | xargs -n 2000 touch
        within asleep
    done
    touch go
    within lines_are 50005
    stop
    diff <(awk '{ print $1 }' "$OUT") <(seq 50005)
    diff <(awk '{ print $2 }' "$OUT" | sort) \
        <({ seq 5 && for part in 1 2 3 4 5; do seq -f "$part.%.0f" 10000; done; } | sort)
}

@test "past --buffer the kernel's queue fills, and the loss is told" {
    begin_pipe "$GATE; cat" -m --buffer 4K -e create,q_overflow "${PLAIN[@]}" d
    ready
    fill d 30000
    touch go
    within said max_queued_events
    sentinel d
    printed Q_OVERFLOW
    [[ $(grep -c CREATE "$OUT") -gt 16000 ]]
}

@test "stdout is not made non-blocking: others share it" {
    begin_pipe cat -m -e create "${PLAIN[@]}" d
    ready
    mkdir d/one
    within printed d/one
    flags=$(awk '/^flags:/ { print $2 }' "/proc/$PID/fdinfo/1")
    (((flags & 04000) == 0)) || fail "flags of stdout: $flags"
}

@test "-n: so many records and no more, status 0" {
    start -n 3 "${PLAIN[@]}" -e create d
    freeze
    touch d/1 d/2 d/3 d/4 d/5
    thaw
    finish
    expect_status 0
    expect_output 'CREATE d/1' 'CREATE d/2' 'CREATE d/3'
}

@test "-n counts what is printed, not what is filtered away" {
    start -n 2 "${PLAIN[@]}" -e create --exclude 'no$' d
    touch d/1.no d/2 d/3.no d/4 d/5
    finish
    expect_status 0
    expect_output 'CREATE d/2' 'CREATE d/4'
}

@test "without -m: one record, status 0" {
    start "${PLAIN[@]}" d
    touch d/f
    finish
    expect_status 0
    expect_output 'CREATE d/f'
}

@test "-o: a new file has mode 0600, and stdout is empty" {
    umask 022
    start -m "${PLAIN[@]}" -e create -o file d
    mkdir d/one
    within grep -qx 'CREATE,ISDIR d/one' file
    stop
    [[ $(stat -c %a file) == 600 ]]
    [[ ! -s $OUT ]]
}

@test "-o: an existing file is appended to, and keeps its mode" {
    echo before >file
    chmod 644 file
    start -m "${PLAIN[@]}" -e create --outfile=file d
    mkdir d/one
    within grep -qx 'CREATE,ISDIR d/one' file
    stop
    [[ $(cat file) == $'before\nCREATE,ISDIR d/one' ]]
    [[ $(stat -c %a file) == 644 ]]
}

@test "-o: two of them share a file" {
    start -m "${PLAIN[@]}" -e create -o file d
    first=$PID
    mkdir e
    start -m "${PLAIN[@]}" -e create -o file e
    touch d/1
    within grep -qx 'CREATE d/1' file
    touch e/2
    within grep -qx 'CREATE e/2' file
    touch d/3
    within grep -qx 'CREATE d/3' file
    stop
    PID=$first
    stop
    [[ $(cat file) == $'CREATE d/1\nCREATE e/2\nCREATE d/3' ]]
}

@test "-o: a file that cannot be opened" {
    finished -o missing/file d
    expect_error 'missing/file' 'No such file or directory'
}

@test "/dev/full: an error that says why, status 1" {
    start -m -o /dev/full d
    mkdir d/one
    finish
    expect_status 1
    said 'No space left on device'
    [[ ! -s $OUT ]]
}

@test "a full stdout: an error that says why, status 1" {
    RUN=(sh -c 'exec "$@" >/dev/full' sh)
    start "${PLAIN[@]}" d
    mkdir d/one
    finish
    expect_status 1
    said 'No space left on device'
}

@test "a closed stdout: an error that says why, status 1" {
    RUN=(sh -c 'exec "$@" >&-' sh)
    begin "${PLAIN[@]}" d
    within said_or_ended 'Watches established.'
    mkdir d/one
    finish
    expect_status 1
    said 'Bad file descriptor'
}

@test "a closed stdout does no harm where nothing is to be printed" {
    RUN=(sh -c 'exec "$@" >&-' sh)
    begin -qq d
    watching 1
    mkdir d/one
    finish
    expect_status 0
    start -m "${PLAIN[@]}" -e create -o file d
    touch d/two
    within grep -qx 'CREATE d/two' file
}

@test "--help on a full stdout is an error" {
    RUN=(sh -c 'exec "$@" >/dev/full' sh)
    finished --help
    expect_status 1
    said 'No space left on device'
}

@test "-0: records end in NUL" {
    start -m -0 -e create d
    touch d/a $'d/b\nc'
    sentinel d
    [[ $(tr '\0\n' '\n\001' <"$OUT" | head -n 2) == $'d/ CREATE a\nd/ CREATE b\001c' ]]
}

@test "--no-newline: nothing ends a record" {
    start -m -n 2 --format '<%f>' --no-newline -e create d
    touch d/a d/b
    finish
    [[ $(cat "$OUT") == '<a><b>' ]]
}
