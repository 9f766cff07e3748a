#!/usr/bin/env bats
# Where pywatch does not do what inotifywait 3.22 does, on purpose. doc/SWITCHING.md lists these by
# the names of the tests, and the last test holds it to that. Each test states what is right, then
# what inotifywait does instead.

load compare

@test "what comes to be in a new directory before its watch is reported" {
    # inotifywait arms what it finds, and is silent about it.
    prepare() { mkdir d; }
    act() {
        mkdir -p d/a/b
        touch d/a/b/f
    }
    FROZEN=1
    ours -m -r -e create d
    expect_output 'd/ CREATE,ISDIR a' 'd/a/ CREATE,ISDIR b' 'd/a/b/ CREATE f'
    theirs -m -r -e create d
    expect_output 'd/ CREATE,ISDIR a'
}

@test "-r without -m covers new directories" {
    prepare() { mkdir d; }
    act() {
        step mkdir d/a
        step add d/a/f text
    }
    ours -r -e modify d
    expect_output 'd/a/ MODIFY f'
    expect_status 0
    theirs -r -e modify d
    expect_output
    expect_status 143
}

@test "what a directory holds that is moved in is reported" {
    prepare() {
        mkdir -p d in/s
        touch in/s/f
    }
    act() { step mv in d/in; }
    ours -m -r -e create,moved_to d
    expect_output 'd/ MOVED_TO,ISDIR in' 'd/in/ CREATE,ISDIR s' 'd/in/s/ CREATE f'
    theirs -m -r -e create,moved_to d
    expect_output 'd/ MOVED_TO,ISDIR in'
}

@test "a directory that is moved out is let go" {
    prepare() { mkdir -p d/a out; }
    act() {
        step mv d/a out/a
        step touch out/a/f
    }
    ours -m -r -e create,move d
    expect_output 'd/ MOVED_FROM,ISDIR a'
    theirs -m -r -e create,move d
    expect_output 'd/ MOVED_FROM,ISDIR a' 'd/a/ CREATE f'
}

@test "a watched file that is renamed is reported under its new name" {
    prepare() { touch f; }
    act() {
        step mv f g
        step add g text
    }
    ours -m -e move_self,modify f
    expect_output 'f MOVE_SELF ' 'g MODIFY '
    theirs -m -e move_self,modify f
    expect_output 'f MOVE_SELF ' 'f MODIFY '
}

@test "a watched directory that is renamed is reported under its new name" {
    prepare() { mkdir -p d/s; }
    act() {
        step mv d e
        step touch e/f
        step touch e/s/f
    }
    ours -m -r -e move_self,create d
    expect_output 'd/ MOVE_SELF ' 'e/ CREATE f' 'e/s/ CREATE f'
    theirs -m -r -e move_self,create d
    expect_output 'd/ MOVE_SELF ' 'd/ CREATE f' 'd/s/ CREATE f'
}

@test "--include and --exclude do not keep -r out of new directories" {
    prepare() { mkdir d; }
    act() {
        step mkdir d/build
        step touch d/build/x.c
    }
    ours -m -r --include '\.c$' -e create d
    expect_output 'd/build/ CREATE x.c'
    ours -m -r --exclude 'build$' -e create d
    expect_output 'd/build/ CREATE x.c'
    theirs -m -r --include '\.c$' -e create d
    expect_output
    theirs -m -r --exclude 'build$' -e create d
    expect_output
}

@test "--exclude can be given many times" {
    prepare() { mkdir d; }
    act() { touch d/a.o d/a.c d/a.h; }
    FROZEN=1
    ours -m --exclude '\.o$' --exclude '\.h$' -e create d
    expect_output 'd/ CREATE a.c'
    theirs -m --exclude '\.o$' --exclude '\.h$' -e create d
    expect_output 'd/ CREATE a.o' 'd/ CREATE a.c'
}

@test "--include, --includei, --exclude and --excludei can stand together" {
    prepare() { mkdir d; }
    act() { touch d/a.c d/b.c d/A.H; }
    FROZEN=1
    ours -m --include '\.c$' --exclude '/b' -e create d
    expect_output 'd/ CREATE a.c'
    ours -m --include 'a\.c$' --includei '\.h$' -e create d
    expect_output 'd/ CREATE a.c' 'd/ CREATE A.H'
    ours -m --exclude 'a\.c$' --excludei '\.h$' -e create d
    expect_output 'd/ CREATE b.c'
    reference
    PYWATCH=$REFERENCE finished --include '\.c$' --exclude '/b' -e create d
    expect_status 1
}

@test "-t is not put off by records that are not printed" {
    prepare() {
        mkdir d
        gap=0
    }
    # Excluded records for three seconds; $gap is the longest time between two of them, in us.
    act() {
        local end=$((SECONDS + 4)) last=${EPOCHREALTIME/./} now
        while ((SECONDS < end)) && ! ended; do
            touch d/no
            sleep 0.05
            now=${EPOCHREALTIME/./}
            ((now - last <= gap)) || gap=$((now - last))
            last=$now
        done
        alive=$(ended || echo yes)
    }
    ours -m -t 1 --exclude no d
    expect_status 2
    [[ $alive != yes ]] || fail "the timeout was put off"
    WAITS=1
    theirs -m -t 1 --exclude no d
    # A machine too busy to make a record a second has shown nothing.
    ((gap > 800000)) || [[ $alive == yes ]]
}

@test "-t takes fractions of a second" {
    act() { :; }
    WAITS=1
    ours -m -t 0.3 d
    expect_status 2
    reference
    PYWATCH=$REFERENCE finished -m -t 0.3 d
    expect_status 1
}

@test "-m ends when nothing is left to watch" {
    act() { step rm f; }
    ours -m f
    expect_output 'f ATTRIB ' 'f DELETE_SELF '
    expect_status 1
    said 'nothing is left to watch'
    theirs -m f
    expect_output 'f ATTRIB ' 'f DELETE_SELF '
    expect_status 143
}

@test "UNMOUNT is reported without -e" {
    prepare() {
        mkdir d
        mount_tmpfs d
    }
    act() { umount d; }
    ours d
    expect_output 'd/ UNMOUNT,ISDIR '
    expect_status 0
    theirs d
    expect_output
    expect_status 1
}

@test "an overflow of the queue is reported" {
    prepare() { mkdir d; }
    act() { fill d 20000; }
    FROZEN=1
    ours -m -e create d
    said max_queued_events
    ours -m d
    said max_queued_events
    printed Q_OVERFLOW
    theirs -m d
    [[ $(grep -c . "$ERR") == 2 ]]
    ! printed Q_OVERFLOW || fail "inotifywait reported it"
}

@test "after an overflow -r knows its tree again" {
    prepare() { mkdir -p d/old; }
    act() {
        fill d/old 20000
        mkdir d/new
        touch d/new/f
        thaw
        settle
        step touch d/new/g
    }
    FROZEN=1
    ours -m -r -e create d
    printed 'd/ CREATE,ISDIR new'
    printed 'd/new/ CREATE f'
    printed 'd/new/ CREATE g'
    theirs -m -r -e create d
    ! printed d/new || fail "inotifywait found the new directory"
}

@test "a link to a directory has a slash at its end" {
    prepare() {
        mkdir d
        ln -s d link
    }
    act() { step touch d/f; }
    ours -m -e create link
    expect_output 'link/ CREATE f'
    ours -m -e create --format %w%f link
    expect_output 'link/f'
    theirs -m -e create link
    expect_output 'link CREATE f'
    theirs -m -e create --format %w%f link
    expect_output 'linkf'
}

@test "the walk through a new directory is not reported" {
    prepare() { mkdir d; }
    act() {
        step mkdir d/n
        step look d/n
    }
    ours -m -r -e open,close d
    [[ $(grep -c 'OPEN,ISDIR n' "$OUT") == 1 ]]
    theirs -m -r -e open,close d
    [[ $(grep -c 'OPEN,ISDIR n' "$OUT") == 2 ]]
}

@test "paths may be longer than PATH_MAX" {
    local deep
    prepare() {
        mkdir d
        "$LIB/deep.py" d 40 200 >/dev/null
    }
    act() {
        deep=$("$LIB/deep.py" d 40 200 probe)
        settle
    }
    ours -m -r -e create --format %w%f d
    expect_output "$deep/probe"
    reference
    PYWATCH=$REFERENCE finished -r d
    expect_status 1
}

@test "--format may be of any length" {
    local wide
    wide=$(head -c 5000 /dev/zero | tr '\0' x)
    act() { step touch d/f; }
    ours -m -e create --format "$wide%f" d
    expect_output "${wide}f"
    reference
    PYWATCH=$REFERENCE finished --format "$wide%f" d
    expect_status 1
}

@test "a record of --format is never cut" {
    local deep
    prepare() {
        mkdir d
        "$LIB/deep.py" d 15 250 >/dev/null
    }
    act() {
        deep=$("$LIB/deep.py" d 15 250 probe)
        settle
    }
    ours -m -r -e create --format '%w|%w|%f' d
    expect_output "$deep/|$deep/|probe"
    theirs -m -r -e create --format '%w|%w|%f' d
    [[ $(wc -c <"$OUT") -lt 4096 ]]
}

@test "an empty --timefmt makes an empty %T" {
    act() { step touch d/f; }
    ours -m -e create --timefmt '' --format '%T|%f' d
    expect_output '|f'
    theirs -m -e create --timefmt '' --format '%T|%f' d
    expect_output
}

@test "--csv quotes a carriage return" {
    act() { step touch d/$'a\rb'; }
    ours -m -e create --csv d
    expect_output $'d/,CREATE,"a\rb"'
    theirs -m -e create --csv d
    expect_output $'d/,CREATE,a\rb'
}

@test "--json and -0 keep a name from forging a record" {
    local forged=$'x\nf DELETE_SELF '
    act() { step touch "d/$forged"; }
    ours -m -e create d f
    expect_output 'd/ CREATE x' 'f DELETE_SELF '
    theirs -m -e create d f
    expect_output 'd/ CREATE x' 'f DELETE_SELF '
    ours -m -0 -e create d f
    [[ $(tr '\0' '#' <"$OUT") == "d/ CREATE $forged#" ]]
    ours -m --json -e create d f
    [[ $(jq .name "$OUT") == '"x\nf DELETE_SELF "' ]]
}

@test "@PATH leaves out a plain file" {
    prepare() {
        mkdir d
        touch d/f d/g
    }
    act() {
        step touch d/f
        step touch d/g
    }
    ours -m -e attrib d @d/f
    expect_output 'd/ ATTRIB g'
    theirs -m -e attrib d @d/f
    expect_output 'd/ ATTRIB f' 'd/ ATTRIB g'
}

@test "@PATH is known in any spelling" {
    prepare() { mkdir -p d/out; }
    act() { step touch d/out/f; }
    ours -m -r -e create "@./d/out/" d
    expect_output
    theirs -m -r -e create "@./d/out/" d
    expect_output 'd/out/ CREATE f'
}

@test "@PATH holds for a directory that is made again" {
    prepare() { mkdir -p d/out; }
    act() {
        step rmdir d/out
        step mkdir d/out
        step touch d/out/f
    }
    ours -m -r -e create d @d/out
    expect_output 'd/ CREATE,ISDIR out'
    theirs -m -r -e create d @d/out
    expect_output 'd/ CREATE,ISDIR out' 'd/out/ CREATE f'
}

@test "--no-newline goes with any format" {
    act() {
        step touch d/a
        step touch d/b
    }
    ours -m -e create --no-newline --format '%w%f' d
    [[ $(cat "$OUT") == d/ad/b ]]
    reference
    for format in '%w%f' '%w' ''; do
        PYWATCH=$REFERENCE finished --no-newline --format "$format" d
        expect_error 'Something is wrong with your format string.'
    done
}

@test "--format knows %d %m %o %p %s" {
    prepare() {
        mkdir d
        touch d/a
    }
    act() { step mv d/a d/b; }
    ours -m -e moved_to --format '%d %m %o %p %s' d
    expect_output '1 0x80 d/a d/b 1'
    theirs -m -e moved_to --format '%d %m %o %p %s' d
    expect_output '%d %m %o %p %s'
    # A separator before e goes first, as it does there.
    ours -m -e moved_to --format '%pe' d
    expect_output 'MOVED_TO'
}

# on_full PROGRAM: it watches d, and its stdout is a full disk.
on_full() {
    : >"$ERR"
    "$1" -m -e create d >/dev/full 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
    ready
}

@test "a record that cannot be written ends it" {
    on_full "$PYWATCH"
    touch d/a
    finish
    expect_status 1
    said 'No space left on device'
    reference
    on_full "$REFERENCE"
    touch d/b
    settle
    ! ended || fail "it ended"
}

@test "SIGINT ends it in the background of a script, too" {
    RUN=(env --ignore-signal=INT)
    "${RUN[@]}" true 2>/dev/null || skip "env cannot ignore signals"
    start -m d
    stop INT
    expect_status 130
    reference
    PYWATCH=$REFERENCE start -m d
    kill -INT "$PID"
    settle
    ! ended || fail "it ended"
}

@test "on a terminal a record has columns, and shows control characters" {
    begin_tty -m -e create --color=never d
    ready
    touch d/$'a\eb'
    within printed 'a\eb'
    ! printed $'\e' || fail "a control character came through"
    stop
    reference
    PYWATCH=$REFERENCE begin_tty -m -e create d
    ready
    touch d/$'c\ed'
    within printed $'d/ CREATE c\ed'
}

@test "a reader that leaves ends it at once" {
    # In $OUT is what the reader printed; nothing happens after the first record.
    begin_pipe 'head -n 1' -m -e create d
    ready
    touch d/a
    finish
    expect_status 141
    reference
    PYWATCH=$REFERENCE begin_pipe 'head -n 1' -m -e create d
    ready
    touch d/b
    within reader_ended
    settle
    ! ended || fail "it ended before the next record"
    touch d/c
    finish
    expect_status 141
}

reader_ended() { ! kill -0 "$READER" 2>/dev/null; }
# Reads nothing until it may.
late_reader='until [ -e go ]; do sleep 0.01; done; cat'
# A queue that is full takes no sentinel, so there may have to be another one.
another_seen() {
    echo >d/last
    rm d/last
    printed d/last
}
# More than fits in a pipe and in the queue, but never more at once than fits in the queue.
many() {
    local part

    rm -rf d go
    mkdir -p d/1 d/2 d/3
    begin_pipe "$late_reader" -m -e create --format %w%f d d/1 d/2 d/3
    ready
    for part in 1 2 3; do
        fill "d/$part" 8000
        settle
    done
    : >go
    within another_seen
}

@test "a slow reader loses nothing" {
    many
    [[ $(grep -c 'd/[123]/' "$OUT") == 24000 ]] || fail "records were lost"
    reference
    PYWATCH=$REFERENCE many
    [[ $(grep -c 'd/[123]/' "$OUT") -lt 24000 ]] || fail "inotifywait lost nothing"
}

@test "a directory below that may not be read is warned of" {
    mkdir d/closed
    unprivileged
    chmod 0 d/closed
    begin -m -r -e create d
    ready
    said 'not watched: d/closed and all below it: Permission denied'
    stop
    reference
    cp "$REFERENCE" "${PLACES[0]:-.}/theirs"
    PYWATCH=${PLACES[0]:-.}/theirs
    start -m -r -e create d
    stop
    [[ $(cat "$ERR") != *closed* ]]
    chmod 755 d/closed
}

@test "a file system that others can change unseen is warned of" {
    mkdir d/remote
    mount_fuse d/remote
    start -m -r -e create d
    stop
    [[ $(cat "$ERR") == "Setting up watches.  Beware: since -r was given, this may take a while!
pywatch: d/remote is on a file system (FUSE) that others can change: only what is done through this mount is reported; to see the rest, watch where it is done
Watches established." ]]
    reference
    PYWATCH=$REFERENCE start -m -r -e create d
    stop
    [[ $(wc -l <"$ERR") == 2 ]]
}

@test "messages show what is in a name, and stay one line" {
    finished $'no\n\e[31m\xff'
    expect_status 1
    said "Couldn't watch no\n\e[31m\xff: No such file or directory"
    reference
    PYWATCH=$REFERENCE finished $'no\n\e[31m\xff'
    said $'Couldn\'t watch no'
    said $'\e[31m\xff: No such file or directory'
}

@test "-d has status 0 only when all is watched" {
    finished -d -o log missing
    expect_error "Couldn't watch missing: No such file or directory"
    reference
    : >log
    PYWATCH=$REFERENCE finished -d -o "$PWD/log" "$PWD/missing"
    expect_status 0
}

@test "-d takes relative paths, and makes its file" {
    finished -d -n 1 -t 30 -o log -e create d
    expect_status 0
    touch d/f
    within test -s log
    [[ $(cat log) == 'd/ CREATE f' ]]
    reference
    PYWATCH=$REFERENCE finished -d -o missing d
    expect_error 'No such file or directory: missing'
    # It goes to / before it looks for d, and ends there.
    PYWATCH=$REFERENCE finished -d -o log d
    expect_status 0
    within none_of_theirs
}

none_of_theirs() { ! pgrep -f "^$REFERENCE -d -o log d\$" >/dev/null; }

@test "names of events may begin with IN_, and change and complete are groups" {
    act() {
        step touch d/f
        step mv d/f d/g
    }
    ours -m -e IN_CREATE,complete d
    expect_output 'd/ CREATE f' 'd/ CLOSE_WRITE,CLOSE f' 'd/ MOVED_TO g'
    reference
    for name in IN_CREATE change complete; do
        PYWATCH=$REFERENCE finished -e "$name" d
        expect_error "'$name' is not a valid event!"
    done
}

@test "--version is understood" {
    finished --version
    expect_status 0
    reference
    PYWATCH=$REFERENCE finished --version
    expect_error "unrecognized option '--version'"
}

@test "-F and -S are refused" {
    finished -q -t 0.1 -F d
    expect_error --fanotify 'not supported'
    finished -q -t 0.1 -S d
    expect_error --filesystem 'not supported'
    act() { step touch d/f; }
    theirs -m -F -S -e create d
    expect_output 'd/ CREATE f'
}

@test "under its own name, pywatch refuses what means nothing" {
    local bad

    for bad in '%q' '%w%'; do
        finished --format "$bad" d
        expect_error '%w'
    done
    finished -e '' d
    expect_error '-e'
    finished d ''
    expect_error "'' is not a path"
    finished d @
    expect_error "'@' alone leaves nothing out"
    finished --help
    expect_status 0
    reference
    PYWATCH=$REFERENCE finished --help
    expect_status 1
}

@test "doc/SWITCHING.md lists these tests, and no others" {
    local top=${top_srcdir:-$BATS_TEST_DIRNAME/..}

    diff -u --label 'compare_differs.bats' --label 'SWITCHING.md' \
        <(sed -n 's/^@test "\(.*\)" {$/\1/p' "$BATS_TEST_FILENAME" | grep -v '^doc/' | sort) \
        <(sed -n 's/^\* \*\*\(.*\)\.\*\*.*/\1/p' "$top/doc/SWITCHING.md" | sort)
}
