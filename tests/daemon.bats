#!/usr/bin/env bats
# -d: what whoever starts it is told, and what goes on in the background.

load helpers

# daemons: the ids of what runs in the background, which still is where this test started it.
daemons() {
    local it

    for it in /proc/[0-9]*; do
        [[ $(readlink "$it/cwd" 2>/dev/null) == "$PWD" && $(readlink "$it/exe") == "$PYWATCH" ]] &&
            echo "${it#/proc/}"
    done 2>/dev/null
    return 0
}

none_left() { [[ -z $(daemons) ]]; }
logged() { grep -q -F -e "$1" log; }

# Each ends by itself, should a test fail: -t.
daemon() { finished -d -t 30 -o log "$@"; }

@test "-d: status 0 when all is watched, then records go to the file, paths as given" {
    mkdir d/sub
    daemon -r -n 3 "${PLAIN[@]}" -e create d
    expect_status 0
    said 'Watches established.'
    touch d/sub/a
    within logged 'CREATE d/sub/a'
    mkdir d/later
    within logged 'CREATE,ISDIR d/later'
    touch d/b
    within none_left
    [[ $(cat log) == $'CREATE d/sub/a\nCREATE,ISDIR d/later\nCREATE d/b' ]]
    [[ ! -s $OUT ]]
}

@test "-d: a session of its own that it does not lead, and no descriptor of the caller's 0 to 2" {
    daemon -q -e create d
    expect_status 0
    pid=$(daemons)
    [[ $pid =~ ^[0-9]+$ ]]
    read -r _ _ _ _ _ session _ <"/proc/$pid/stat"
    [[ $session != "$pid" && $session != "$(cut -d ' ' -f 6 "/proc/$$/stat")" ]]
    for fd in 0 1 2; do
        [[ $(readlink "/proc/$pid/fd/$fd") == /dev/null ]]
    done
    kill "$pid"
    within none_left
}

@test "-d: what cannot be watched or written is told to the caller, and nothing goes on" {
    daemon -q d missing
    expect_error "Couldn't watch missing"
    finished -d -q -t 30 -o missing/log d
    expect_error 'Failed to open output file missing/log'
    within none_left
}

@test "-d without -o: the sentence of inotifywait" {
    finished -d d
    expect_error 'pywatch: -o must be specified with -d.'
    ln -s "$PYWATCH" inotifywait
    PYWATCH=$PWD/inotifywait
    finished -d d
    expect_status 1
    [[ $(cat "$ERR") == '-o must be specified with -d.' ]]
}
