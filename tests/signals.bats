#!/usr/bin/env bats
# What ends pywatch from outside, and what is printed before.

load helpers

# Background jobs of this shell inherit SIGINT as ignored: see the last test but one.
require_env_signals() {
    env --default-signal=INT true 2>/dev/null || skip "env cannot reset signals"
}

ends_by() { # SIGNAL STATUS
    start -m "${PLAIN[@]}" -e create d
    freeze
    fill d 1000
    kill -"$1" "$PID"
    thaw
    finish
    expect_status "$2"
    [[ $(wc -l <"$OUT") == 1000 ]] || fail "$(wc -l <"$OUT") of 1000 records were printed"
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
}

@test "SIGTERM: what was queued is printed, then 143" {
    ends_by TERM 143
}

@test "SIGHUP: what was queued is printed, then 129" {
    ends_by HUP 129
}

@test "SIGINT: what was queued is printed, then 130" {
    require_env_signals
    RUN=(env --default-signal=INT)
    ends_by INT 130
}

@test "SIGINT that was inherited as ignored" {
    require_env_signals
    RUN=(env --ignore-signal=INT)
    ends_by INT 130
}

@test "SIGINT in a background job of a script" {
    sh -c '"$PYWATCH" -m d >"$1" 2>"$2" & echo $! >pid; wait $!; echo $? >status' sh "$OUT" "$ERR" \
        3>&- &
    PIDS+=($!)
    within test -s pid
    PID=$(cat pid)
    PIDS+=("$PID")
    ready
    kill -INT "$PID"
    within test -s status
    [[ $(cat status) == 130 ]]
}

@test "SIGHUP that was inherited as ignored stays ignored: nohup" {
    require_env_signals
    RUN=(env --ignore-signal=HUP)
    start -m "${PLAIN[@]}" -e create d
    kill -HUP "$PID"
    sentinel d
    sentinel d
    stop
    expect_status 143
    # In the midst of much work, too.
    start -m "${PLAIN[@]}" -e create -t 60 d
    freeze
    fill d 12000
    thaw
    for ((i = 0; i < 100; i++)); do kill -HUP "$PID"; done
    sentinel d
    stop
    expect_status 143
}

@test "it ends by the signal itself, as its parent can see" {
    python3 - <<'END' 3>&-
import os, signal, subprocess
p = subprocess.Popen([os.environ["PYWATCH"], "-m", "d"], stderr=subprocess.PIPE)
while b"established" not in p.stderr.readline():
    pass
p.send_signal(signal.SIGTERM)
assert p.wait(20) == -signal.SIGTERM, p.returncode
END
}

@test "a signal during set-up ends it" {
    for i in {1..30}; do
        mkdir -p "d/$i"/{1..30}
    done
    begin -m -r d
    kill -TERM "$PID"
    finish
    expect_status 143
}

@test "a signal while -o waits for the reader of a FIFO ends it" {
    mkfifo pipe
    begin -m -o pipe d
    within asleep
    stop TERM
    expect_status 143
}

@test "a signal while a storm goes on ends it" {
    start -m -e create "${PLAIN[@]}" d
    (while :; do : >d/f && rm d/f; done) 3>&- &
    storm=$!
    PIDS+=("$storm")
    within printed d/f
    stop
    expect_status 143
    kill "$storm"
}

reader_ended() { ! kill -0 "$READER" 2>/dev/null; }
killed_again() { kill -TERM "$PID" 2>/dev/null; ended; }

# A reader that waits for a file before it reads.
ASLEEP='until [ -e go ]; do sleep 0.01; done; cat'

@test "a signal at any moment between two records ends it" {
    (while :; do for i in 0 1 2 3 4 5 6 7 8 9; do : >"d/$i"; done; done) &
    PIDS+=("$!")
    for ((i = 0; i < 60; i++)); do
        start -m "${PLAIN[@]}" -e close_write d
        within test -s "$OUT"
        # From within a busy stretch, or from a quiet one.
        ((i % 3)) || kill -STOP "${PIDS[0]}"
        kill -TERM "$PID"
        finish
        expect_status 143
        kill -CONT "${PIDS[0]}"
    done
}

@test "SIGURG, which is for itself, changes nothing where it comes from elsewhere" {
    start -m "${PLAIN[@]}" -e create d
    for i in 1 2 3; do
        kill -URG "$PID"
        mkdir "d/$i"
        within printed "CREATE,ISDIR d/$i"
    done
    kill -URG "$PID"
    kill -TERM "$PID"
    finish
    expect_status 143
    expect_output 'CREATE,ISDIR d/1' 'CREATE,ISDIR d/2' 'CREATE,ISDIR d/3'
}

@test "SIGURG that was inherited as blocked" {
    env --block-signal=URG true 2>/dev/null || skip "env cannot block signals"
    RUN=(env --block-signal=URG)
    ends_by TERM 143
    RUN=(env --ignore-signal=URG)
    start -m "${PLAIN[@]}" -e create d
    mkdir d/sub
    within printed "CREATE,ISDIR d/sub"
    kill -TERM "$PID"
    finish
    expect_status 143
}

@test "a signal waits for a slow reader" {
    for t in -t0 -t60; do
        begin_pipe "$ASLEEP" -m -e create "${PLAIN[@]}" "$t" d
        ready
        fill d 10000
        within asleep
        kill -TERM "$PID"
        touch go
        finish
        expect_status 143
        within reader_ended
        [[ $(wc -l <"$OUT") == 10000 ]]
        rm -r go d
        mkdir d
    done
}

@test "a signal that comes while much waits to be worked on waits for a slow reader" {
    for ((i = 0; i < 6; i++)); do
        begin_pipe "$ASLEEP" -m -e create "${PLAIN[@]}" -t 60 d
        ready
        freeze
        fill d 12000
        kill -CONT "$PID"
        kill -TERM "$PID"
        within asleep
        touch go
        finish
        expect_status 143
        within reader_ended
        [[ $(wc -l <"$OUT") == 12000 ]]
        rm -r go d
        mkdir d
    done
}

@test "a second signal does not wait for a slow reader" {
    begin_pipe "$ASLEEP" -m -e create "${PLAIN[@]}" d
    ready
    fill d 10000
    within asleep
    within killed_again
    finish
    expect_status 143
}

@test "SIGPIPE: a quiet end, also where it was inherited as ignored" {
    require_env_signals
    RUN=(env --ignore-signal=PIPE)
    begin_pipe 'head -1' -m "${PLAIN[@]}" -e create d
    ready
    mkdir d/one
    finish
    expect_status 141
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
}

@test "stopped and continued, it goes on" {
    start -m "${PLAIN[@]}" -e create d
    freeze
    touch d/while
    thaw
    sentinel d
    expect_records 'CREATE d/while'
}
