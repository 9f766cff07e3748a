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
    [[ ! -s $ERR ]]
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

# ---- the pid file

held() { [[ -s run.pid && $(daemons) == "$(cat run.pid)" ]]; }

@test "--pidfile: it holds the number of the daemon by the time that the caller goes on" {
    daemon -q --pidfile run.pid -e create d
    expect_status 0
    held
    kill "$(cat run.pid)"
    within none_left
    [[ ! -e run.pid ]]
}

@test "--pidfile goes at every end: SIGINT, SIGHUP, -n, -t, the last watch, an error" {
    local signal

    for signal in INT HUP; do
        daemon -q --pidfile run.pid -e create d
        held
        kill -"$signal" "$(cat run.pid)"
        within none_left
        [[ ! -e run.pid ]]
    done
    daemon -q --pidfile run.pid -n 1 -e create d
    held
    touch d/f
    within none_left
    [[ ! -e run.pid ]]
    finished -d -q -o log --pidfile run.pid -t 0.01 d
    expect_status 0
    within none_left
    [[ ! -e run.pid ]]
    daemon -q --pidfile run.pid d/f
    held
    rm d/f
    within none_left
    [[ ! -e run.pid ]]
    daemon -q --pidfile run.pid missing
    expect_error "Couldn't watch missing"
    [[ ! -e run.pid ]]
}

@test "--pidfile: a second one is told the number of the first, and ends" {
    daemon -q --pidfile run.pid -e create d
    held
    daemon -q --pidfile "$PWD/run.pid" -e create d
    expect_error "--pidfile: '$PWD/run.pid' is held by process $(cat run.pid)"
    held
    # An end that nobody could clean up after frees the lock all the same.
    kill -KILL "$(cat run.pid)"
    within none_left
    [[ -e run.pid ]]
    daemon -q --pidfile run.pid -e create d
    expect_status 0
    held
    kill "$(cat run.pid)"
    within none_left
}

@test "--pidfile: a file that another program has put there meanwhile stays" {
    daemon -q --pidfile run.pid -e create d
    held
    pid=$(cat run.pid)
    rm run.pid
    echo mine >run.pid
    kill "$pid"
    within none_left
    [[ $(cat run.pid) == mine ]]
}

@test "--pidfile: what cannot be one is told to the caller" {
    daemon --pidfile missing/run.pid d
    expect_error "--pidfile: 'missing/run.pid' cannot be written: No such file or directory"
    daemon --pidfile d d
    expect_error "--pidfile: 'd' is not a file"
    daemon --pidfile /dev/null d
    expect_error "--pidfile: '/dev/null' is not a file"
    [[ -c /dev/null ]]
    exec {lock}>run.pid
    flock "$lock"
    daemon --pidfile run.pid d
    expect_error "--pidfile: 'run.pid' is held by another process"
    echo words >&"$lock"
    daemon --pidfile run.pid d
    expect_error "--pidfile: 'run.pid' is held by another process"
    [[ $(cat run.pid) == words ]]
    finished --pidfile run.pid d
    expect_error '--pidfile cannot be specified without --daemon'
    none_left
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
