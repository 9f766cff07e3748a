#!/usr/bin/env bats
# -s, and -d once it is in the background: what goes to the system's log, and what does not.

load compare

# devlog [nobody]: from now on programs run where /dev is another one, in which they find /dev/null,
# and /dev/log if somebody is to listen there. $LOG has each message.
devlog() {
    local place=$BATS_TEST_TMPDIR/dev unshare=(unshare -m)

    require python3
    ((EUID == 0)) || unshare=(unshare -rm)
    mkdir -p "$place"
    : >"$place/null"
    LOG=$place/messages
    : >"$LOG"
    # shellcheck disable=SC2016
    RUN=("${unshare[@]}" sh -c "$LET_GO"'
        place=$1 && shift &&
        mount --bind /dev/null "$place/null" && mount -t tmpfs -o mode=755 dev /dev &&
        : >/dev/null && mount --bind "$place/null" /dev/null && ln -s "$place/log" /dev/log &&
        exec "$@"' sh "$place")
    "${RUN[@]}" true 2>/dev/null || skip "no mount namespace of its own"
    [[ ${1-} != nobody ]] || return 0
    python3 "$LIB/devlog.py" "$place/log" "$LOG" 3>&- &
    PIDS+=("$!")
    within test -S "$place/log"
}

logged() { grep -q -a -F -e "$1" -- "$LOG"; }
# messages: without priority, time and process; a message of our own tells that all have arrived.
messages() {
    local sentinel=sentinel.$BASHPID.$RANDOM

    python3 "$LIB/devlog.py" "$BATS_TEST_TMPDIR/dev/log" --send "$sentinel"
    within logged "$sentinel"
    grep -v '^sentinel[.]' "$LOG" |
        sed 's/^<[0-9]*>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]\{8\} \([a-z]*\)\[[0-9]*\]: /\1: /'
}
expect_messages() {
    diff -u --label expected --label logged <(((!$#)) || printf '%s\n' "$@") <(messages) >&2 ||
        fail "other messages than expected"
}
silent() { [[ ! -s $ERR ]] || fail "there is something on stderr"; }

@test "-s: the lines of set-up, by program and process; records stay where they are" {
    devlog
    begin -s -r -e create d
    within logged 'Watches established.'
    messages >/dev/null
    # The program has not forked since: its number is that of the messages.
    [[ $(grep -c "^<30>.* pywatch\[$PID\]: " "$LOG") == 2 ]]
    touch d/f
    finish
    expect_status 0
    silent
    expect_output 'd/ CREATE f'
    expect_messages 'pywatch: Setting up watches.  Beware: since -r was given, this may take a while!' \
        'pywatch: Watches established.'
}

@test "-s: errors and warnings, without the name of the program in front" {
    devlog
    finished -s -q missing
    expect_status 1
    touch f
    begin -s -q -m -e modify f
    watching 1
    rm f
    finish
    expect_status 1
    silent
    expect_messages "pywatch: Couldn't watch missing: No such file or directory" \
        'pywatch: nothing is left to watch'
}

@test "-s: what is wrong with the command line is for whoever typed it" {
    devlog
    finished -s -e bogus d
    expect_error --event bogus
    finished -s --exclude '(' d
    expect_error --exclude
    finished -s -o missing/log d
    expect_error missing/log
    expect_messages
}

@test "-s: a message is a line, of any length, and shows what is in a name" {
    local name deep=d

    devlog
    name=$(printf '%0200d' 0)
    for _ in {1..15}; do deep+=/$name; done
    mkdir -p "$deep" $'d/a\nb'
    begin -s -v -r -m -e create d
    within logged 'Watches established.'
    messages >all
    grep -q -x -F -e "pywatch: watching $deep" all
    grep -q -x -F -e 'pywatch: watching d/a\nb' all
    [[ $(grep -c watching all) == 17 ]]
    silent
    stop
}

@test "-s where nobody listens: one line about that, and stderr after all" {
    devlog nobody
    finished -s missing
    expect_status 1
    [[ $(cat "$ERR") == 'pywatch: --syslog: messages go to standard error: /dev/log: No such file or directory
Setting up watches.
pywatch: Couldn'\''t watch missing: No such file or directory' ]]
}

@test "-s: the same messages as inotifywait, and as little on stderr" {
    local program status

    reference
    devlog
    # both COMMAND...: runs it with each program; it ends by itself.
    both() {
        : >"$LOG"
        PYWATCH=$REFERENCE finished "$@"
        silent
        status=$STATUS
        messages >theirs
        [[ -s theirs ]] || fail "inotifywait has said nothing: $*"
        : >"$LOG"
        PYWATCH=$(under inotifywait) finished "$@"
        silent
        expect_status "$status"
        messages >ours
        diff -u theirs ours >&2 || fail "other messages: $*"
    }
    both -s -t 1 d
    both -s -r -t 1 d
    both -s -m -t 1 d
    both -s missing
    both -s -q d missing
    limited_too max_inotify_watches 0
    both -s d
}

# limited_too: limited, within what RUN does already.
limited_too() {
    local before=("${RUN[@]}")

    limited "$@"
    RUN=("${before[@]}" "${RUN[@]}")
}

# ---- in the background

# daemon ARGUMENT...: it ends by itself, should a test fail.
daemon() { finished -d -t 30 -o log "$@"; }

@test "-d: not a word where all is well; set-up and what comes later are in the log" {
    devlog
    touch f
    daemon -e delete_self f
    expect_status 0
    silent
    within logged 'Watches established.'
    rm f
    within logged 'nothing is left to watch'
    expect_messages 'pywatch: Setting up watches.' 'pywatch: Watches established.' \
        'pywatch: nothing is left to watch'
    [[ $(cat log) == 'f DELETE_SELF ' ]]
}

@test "-d: what hinders it is told to the caller, with -s to the log" {
    devlog
    daemon -q missing
    expect_error "Couldn't watch missing"
    expect_messages
    daemon -q -s missing
    expect_status 1
    silent
    expect_messages "pywatch: Couldn't watch missing: No such file or directory"
}

@test "-d where nobody listens: not a word either, and the work is done" {
    devlog nobody
    daemon -n 1 -e create d
    expect_status 0
    silent
    touch d/f
    within test -s log
    [[ $(cat log) == 'd/ CREATE f' ]]
}
