#!/usr/bin/env bats
# --summary: counts by watched path and event; and inotifywatch, by that name.

bats_require_minimum_version 1.5.0
load helpers

# act: what is counted, without two equal events next to each other, which the kernel may merge.
act() {
    echo x >>d/f
    cat d/f
    echo y >d/a/g
    mv d/a/g d/a/h
    rm d/a/h
    chmod 600 d/f
    mv d/f d/f2
    mv d/f2 d/f
    rmdir d/n
} >/dev/null

prepare() {
    rm -rf d
    mkdir -p d/a d/n
    echo old >d/f
}

# as_watch ARGUMENT...: pywatch by the name inotifywatch, or, with REAL set, the real one.
collecting() { within said_or_ended 'now collecting statistics.' && said 'now collecting statistics.'; }
as_watch() {
    local PYWATCH=$BATS_TEST_TMPDIR/inotifywatch

    if [[ -n ${REAL:-} ]]; then
        PYWATCH=$(command -v inotifywatch)
    elif [[ ! -e $PYWATCH ]]; then
        cp "$top/pywatch" "$PYWATCH"
    fi
    begin "$@"
}

# same ARGUMENT...: the two print the same, on stdout and stderr, and end alike, after ACT if set.
same() {
    local top one
    top=$(dirname "$PYWATCH")

    for one in '' real; do
        prepare
        REAL=$one as_watch "$@"
        if [[ -n ${ACT:-} ]]; then
            collecting || fail "it ended before it was ready"
            $ACT
            within asleep # the real one leaves unread what is queued when a signal comes
            kill -INT "$PID"
        fi
        finish
        # The name that getopt(3) says is argv[0].
        sed -i -E 's,^[^ ]*/inotifywatch: ,inotifywatch: ,' "$ERR"
        mv "$OUT" "$OUT.${one:-ours}"
        mv "$ERR" "$ERR.${one:-ours}"
        echo "status $STATUS" >>"$ERR.${one:-ours}"
    done
    : >"$OUT"
    : >"$ERR"
    diff -u "$OUT.real" "$OUT.ours" >&2 || fail "another table: $*"
    diff -u "$ERR.real" "$ERR.ours" >&2 || fail "other messages: $*"
}

@test "inotifywatch: the tables are those of the real one" {
    require inotifywatch
    ACT=act
    same -r d
    [[ $(wc -l <"$OUT.ours") == 4 ]]
    same -v -r d
    same -r -z d
    same -z -e modify -e access d
    same -z -e unmount,modify,close -a total -r d
    same -r -a total d
    same -r -d total d
    same -r --exclude '/f' d
    same --include '/f$' d
    same -r d @d/a
    same -e modify,delete d d/f
}

@test "inotifywatch: a deleted file, --fromfile, nothing at all" {
    require inotifywatch
    gone() { rm d/f; }
    ACT=gone same -e attrib,delete_self d/f d/a
    printf 'd/a\nd/n\n' >list
    ACT=true same -v --fromfile list
    ACT=true same -v -r -P d d/f
    ACT='' same -t 1 -v d
    ACT='' same --timeout 1 -z d
}

@test "inotifywatch: SIGUSR1 asks for the table so far" {
    require inotifywatch
    ask() {
        touch d/f
        echo more >>d/a/g
        within asleep
        kill -USR1 "$PID"
        within asleep
        echo more >>d/f
        within asleep
    }
    ACT=ask same -r d
    [[ $(grep -c '^total' "$OUT.ours") == 2 ]]
    ACT=ask same -r -a create d
}

@test "SIGUSR1 while records come thick and fast" {
    start --summary -e create,delete d
    while :; do
        touch d/x
        rm d/x
    done 3>&- &
    PIDS+=($!)
    two_tables() { kill -USR1 "$PID" && [[ $(grep -c '^total' "$OUT") -ge 2 ]]; }
    within two_tables
    kill "${PIDS[-1]}"
    stop
    expect_status 0
}

@test "inotifywatch: mistakes are told in its words" {
    require inotifywatch
    same
    same -t x d
    same -t '' d
    same -a bogus d
    same -a close d
    same -a move d
    same -a in_access d
    same -e modify -a access d
    same -a unmount d
    same -a total -d total d
    same -e bogus d
    same --exclude '(' d
    same --fromfile missing
    same missing
    same -Z d
    same -m d
    same -e
    same --ex x d
    same --version
}

@test "a number that is wider than its heading pushes the rest along" {
    # Two files in turn, or the kernel merges them; fewer than the kernel's queue holds.
    touch d/f d/g
    start --summary -e open d
    python3 - <<'END'
import os
for i in range(6000):
    os.close(os.open("d/f", os.O_RDONLY))
    os.close(os.open("d/g", os.O_RDONLY))
END
    stop INT
    expect_status 0
    expect_output 'total  open  filename' '12000  12000  d/'
}

@test "the table comes with SIGINT, SIGTERM, -n and -t, with status 0" {
    local signal

    for signal in INT TERM HUP; do
        start --summary -e create,delete d
        touch d/x
        rm d/x
        stop "$signal"
        expect_status 0
        expect_output 'total  create  delete  filename' '2      1       1       d/'
    done
    start --summary -n 2 -e create d
    touch d/x d/y d/z
    finish
    expect_status 0
    expect_output 'total  create  filename' '2      2       d/'
    start --summary -t 0.5 -e create d
    touch d/n
    finish
    expect_status 0
    expect_output 'total  create  filename' '1      1       d/'
}

@test "-t is how long in all, whatever happens" {
    start --summary -t 0.5 -e attrib d
    while ! ended; do
        touch d
        sleep 0.05
    done
    finish
    expect_status 0
    printed attrib
}

@test "nothing that happened is told on stderr" {
    start --summary -t 0.1 d
    finish
    expect_status 0
    [[ ! -s $OUT ]]
    said 'No events occurred.'
}

@test "a table every so often counts from the one before it" {
    start --summary=0.1 -e create,delete d
    touch d/x
    within printed 'd/'
    rm d/x
    within printed delete
    stop
    expect_status 0
    expect_output 'total  create  filename' '1      1       d/' '' \
        'total  delete  filename' '1      1       d/' ''
    run ! said 'No events occurred.'
}

@test "--sort has most first, with + least, and --zero has rows of zeros" {
    mkdir d/a d/b d/c
    for sort in create +create; do
        start --summary -r --zero --sort "$sort" -e create,delete d
        touch d/a/1 d/c/1 d/c/2 d/c/3
        rm d/a/1 d/c/?
        stop
        case $sort in
        create) [[ $(sed 1d "$OUT" | head -n 1) == '6      3       3       d/c/' ]] ;;
        *) [[ $(tail -n 1 "$OUT") == '6      3       3       d/c/' ]] ;;
        esac
        printed '0      0       0       d/b/'
        [[ $(wc -l <"$OUT") == 5 ]]
    done
}

@test "--json gives one object a path, and any name comes back" {
    mkdir $'d/\xff\n'
    start --summary -r --json -e create,delete d
    touch d/x $'d/\xff\n/y'
    rm d/x
    stop
    [[ $(wc -l <"$OUT") == 2 ]]
    [[ $(jq -c 'del(.time)' "$OUT") == '{"watch":"d/","total":2,"events":{"CREATE":1,"DELETE":1}}
{"watch":"d/�\n/","watch_b64":"ZC//Ci8=","total":1,"events":{"CREATE":1}}' ]]
    [[ $(jq -r .time "$OUT" | head -n 1) =~ ^20..-..-..T..:..:..Z$ ]]
}

@test "what does not go with --summary is refused" {
    finished --summary --csv d
    expect_error --summary --csv
    finished --summary --format %p d
    expect_error --summary --format
    finished --summary -0 d
    expect_error --summary --null
    finished --summary -qq d
    expect_error --summary --quiet
    finished --sort total d
    expect_error --sort --summary
    finished --zero d
    expect_error --zero --summary
    finished --summary --sort bogus d
    expect_error --sort "'bogus'" total close_nowrite
    finished --summary --sort open -e create d
    expect_error --sort --event
    finished --summary=x d
    expect_error --summary "'x'" seconds
}
