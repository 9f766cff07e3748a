#!/usr/bin/env bats
# Where pywatch does not do what inotifywait 3.22 does, on purpose. doc/SWITCHING.md lists these by
# the names of the tests. Each test states what is right, then what inotifywait does instead.

load compare

@test "new directories: what comes before their watches is reported" {
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

@test "-r without -m: new directories are covered" {
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

@test "a directory moved in: its contents are reported" {
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

@test "a directory moved out: it is let go" {
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

@test "a watched file renamed: its new name, from then on" {
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

@test "a watched directory renamed: its new name, from then on" {
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

@test "--include and --exclude: new directories are entered all the same" {
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

@test "--exclude given twice: both count" {
    prepare() { mkdir d; }
    act() { touch d/a.o d/a.c d/a.h; }
    FROZEN=1
    ours -m --exclude '\.o$' --exclude '\.h$' -e create d
    expect_output 'd/ CREATE a.c'
    theirs -m --exclude '\.o$' --exclude '\.h$' -e create d
    expect_output 'd/ CREATE a.o' 'd/ CREATE a.c'
}

@test "--include with --exclude, and with --includei: all count" {
    prepare() { mkdir d; }
    act() { touch d/a.c d/b.c d/A.H; }
    FROZEN=1
    ours -m --include '\.c$' --exclude '/b' -e create d
    expect_output 'd/ CREATE a.c'
    ours -m --include 'a\.c$' --includei '\.h$' -e create d
    expect_output 'd/ CREATE a.c' 'd/ CREATE A.H'
    reference
    PYWATCH=$REFERENCE finished --include '\.c$' --exclude '/b' -e create d
    expect_status 1
}

@test "-t: records that are filtered away do not put it off" {
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

@test "-t: fractions of a second" {
    act() { :; }
    WAITS=1
    ours -m -t 0.3 d
    expect_status 2
    reference
    PYWATCH=$REFERENCE finished -m -t 0.3 d
    expect_status 1
}

@test "-m: the end when nothing is left to watch" {
    act() { step rm f; }
    ours -m f
    expect_output 'f ATTRIB ' 'f DELETE_SELF '
    expect_status 1
    said 'nothing is left to watch'
    theirs -m f
    expect_output 'f ATTRIB ' 'f DELETE_SELF '
    expect_status 143
}

@test "UNMOUNT is reported without -e as well" {
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

@test "after an overflow, the tree is true again" {
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

@test "a link to a directory: a slash, also without -r" {
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

@test "paths longer than PATH_MAX" {
    local deep
    prepare() {
        mkdir d
        "$LIB/deep.py" d 40 200 >/dev/null
    }
    act() { deep=$("$LIB/deep.py" d 40 200 probe); }
    ours -m -r -e create --format %w%f d
    expect_output "$deep/probe"
    reference
    PYWATCH=$REFERENCE finished -r d
    expect_status 1
}

@test "--format of any length" {
    local wide
    wide=$(head -c 5000 /dev/zero | tr '\0' x)
    act() { step touch d/f; }
    ours -m -e create --format "$wide%f" d
    expect_output "${wide}f"
    reference
    PYWATCH=$REFERENCE finished --format "$wide%f" d
    expect_status 1
}

@test "an empty --timefmt: an empty %T" {
    act() { step touch d/f; }
    ours -m -e create --timefmt '' --format '%T|%f' d
    expect_output '|f'
    theirs -m -e create --timefmt '' --format '%T|%f' d
    expect_output
}

@test "--csv: a carriage return is quoted" {
    act() { step touch d/$'a\rb'; }
    ours -m -e create --csv d
    expect_output $'d/,CREATE,"a\rb"'
    theirs -m -e create --csv d
    expect_output $'d/,CREATE,a\rb'
}

@test "a name that forges a record: NUL ends and JSON hold it" {
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

@test "@PATH in another spelling leaves it out as well" {
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

@test "-r: an unreadable directory is a warning, and the rest is watched" {
    unprivileged
    prepare() {
        mkdir -p d/shut d/open
        chmod 000 d/shut
    }
    act() { step touch d/open/f; }
    ours -m -r -e create d
    expect_output 'd/open/ CREATE f'
    said 'd/shut'
}

@test "%d %m %o %p %s mean something" {
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
