#!/usr/bin/env bats
# What inotifywait prints and how it ends: --exclude, --include, -t, -q.

load compare

prepare() {
    mkdir -p d/build d/src/.git
    touch d/a.c d/b.o f
}

act() {
    step touch d/a.c
    step touch d/new.o
    step touch d/New.C
    step mv d/b.o d/b.c
    step touch d/build/x.c
    step touch d/src/y.C
    step touch d/src/.git/index
    step mkdir d/src/obj
    step add f text
    step rm d/a.c
    step chmod 700 d/build
    step chmod 700 d
}

@test "--exclude: by name, by directory, anchored, by alternatives and classes" {
    local ere
    for ere in '\.o$' 'build' '/\.git/' '^d/src' '^f$' '\.(o|c)$' '[[:upper:]]' 'x{1}' '^$' '.'; do
        if [[ $ere == . ]]; then SILENT=1; fi
        compare -m -r --exclude "$ere" -e create,move,attrib,delete,modify d f
    done
}

@test "--exclude with a directory alone: what is matched is the watch and the name" {
    compare -m --exclude '^d/$' d
    compare -m --exclude '^d$' d
    compare -m --exclude '/$' d f
    compare -m --exclude '^\./d/a' ./d
    SILENT=1
    compare -m --exclude '//' d//
}

@test "--excludei" {
    compare -m -r --excludei '\.c$' -e create,move,attrib,delete,modify d f
    compare -m -r --excludei 'NEW|F' -e create,move,attrib,delete,modify d f
    compare -m -r --exclude '\.C$' -e create,move,attrib,delete,modify d f
}

@test "--include: by name, by directory, anchored, by alternatives" {
    local ere
    for ere in '\.o$' 'build' '/\.git/' '^d/src/' '^f$' '\.(o|c)$' '.'; do
        compare -m -r --include "$ere" -e create,move,attrib,delete,modify d f
    done
}

@test "--includei" {
    compare -m -r --includei '\.c$' d f
    compare -m -r --includei 'NEW|F' d f
    compare -m -r --include '\.C$' d f
}

@test "one-shot: a record that is filtered away does not end it" {
    compare -r --exclude 'a\.c|\.o$' -e create,attrib,moved_to d
    compare -r --include '\.C$' -e create d
    compare --excludei 'new' -e create,moved_to d
    [[ $STATUS == 0 ]]
}

@test "@PATH" {
    compare -m -r -e create,attrib,delete @d/build d
    compare -m -r -e create,attrib,delete d @d/src @d/build
    compare -m -r -e create,attrib,delete,modify d f @d/src/
    compare -m -r -e create,attrib,delete ./d @./d/src
    # Named with and without it: watched, with all that is below.
    compare -m -r -e create,attrib,delete d @d
    compare -m -r -e create,attrib,delete d/ @d/ @d
    compare -m -r -e create,attrib,delete d d/src @d/src
    compare -m -e attrib,modify d f @f @d
}

@test "-t: status 2 without an event, with -m too" {
    act() { :; }
    WAITS=1
    SILENT=1
    compare -t 1 d
    [[ $STATUS == 2 ]]
    compare -m -t 1 d
    [[ $STATUS == 2 ]]
    QUIET=1
    compare -q -m --timeout=1 -e create f d
}

@test "-t: an event comes first" {
    WAITS=1
    compare -t 20 d
    [[ $STATUS == 0 ]]
    # One event alone, so that a busy machine makes no pause between two.
    act() { mkdir d/new; }
    compare -m -t 2 d
    [[ $STATUS == 2 ]]
    compare -m -t 2 -e create d
    [[ $STATUS == 2 ]]
}

@test "-t: zero and less is never" {
    compare -t 0 d
    compare -m -t -1 d
    [[ $STATUS == 143 ]]
}

@test "-q and -qq: records, and none" {
    QUIET=1
    compare -q -m d
    compare -q f
    SILENT=1
    compare -qq f
    [[ $STATUS == 0 ]]
    compare -q -q -e delete d
    [[ $STATUS == 0 ]]
    act() { rm f; }
    compare -qq -e modify f
    [[ $STATUS == 1 ]]
}

@test "HUP and TERM end it, as they end inotifywait" {
    local signal
    SILENT=1
    WAITS=1
    for signal in HUP TERM; do
        act() { kill -"$signal" "$PID"; }
        compare -m d
        [[ $STATUS == $((128 + $(kill -l "$signal"))) ]]
    done
}
