#!/usr/bin/env bats
# The paths that were named: what becomes of them, and several names for one thing.

load helpers

@test "a watched file is deleted: pywatch -m says that nothing is left, status 1" {
    touch f
    start -m "${PLAIN[@]}" f
    rm f
    finish
    expect_output 'ATTRIB f' 'DELETE_SELF f'
    expect_status 1
    [[ $(tail -n +3 "$ERR") == 'pywatch: nothing is left to watch' ]]
}

@test "a watched file is moved over: the same" {
    touch f g
    start -m "${PLAIN[@]}" -e delete_self,move_self,modify f
    mv g f
    echo text >>f
    finish
    expect_output 'DELETE_SELF f'
    expect_status 1
    said 'nothing is left to watch'
}

@test "a watched directory is deleted: the same" {
    mkdir d/s
    start -m -r "${PLAIN[@]}" -e delete,delete_self d
    rm -r d
    finish
    [[ $(grep -v DELETE_SELF "$OUT") == 'DELETE,ISDIR d/s' ]]
    [[ $(tail -n 1 "$OUT") == 'DELETE_SELF d/' ]]
    expect_status 1
}

@test "the last one counts: while something is left, it goes on" {
    touch f g
    start -m "${PLAIN[@]}" -e delete_self,create f g d
    rm f g
    sentinel d
    expect_records 'DELETE_SELF f' 'DELETE_SELF g'
    rmdir d
    finish
    expect_status 1
    said 'nothing is left to watch'
}

@test "without -m: the file goes, and the event was asked for: status 0" {
    touch f
    start "${PLAIN[@]}" -e delete_self f
    rm f
    finish
    expect_status 0
    expect_output 'DELETE_SELF f'
}

@test "without -m: one of two files goes unasked: status 1" {
    touch f g
    start "${PLAIN[@]}" -e modify f g
    rm f
    finish
    expect_status 1
    expect_output
}

@test "a watched file that is renamed is still watched, under the name that it has" {
    touch f
    start -m "${PLAIN[@]}" -e move_self,modify,create f d
    mv f g
    within printed MOVE_SELF
    echo text >>g
    sentinel d
    expect_records 'MOVE_SELF f' 'MODIFY g'
}

@test "a watched file that is renamed in a watched directory: the look for it is not reported" {
    touch d/f
    start -m "${PLAIN[@]}" d d/f
    mv d/f d/k
    within printed 'MOVE_SELF d/f'
    sentinel d
    ! printed ISDIR || fail "its own look is reported"
}

@test "-r -P with a link to a directory: the directory is watched" {
    ln -s d l
    start -m -r -P "${PLAIN[@]}" -e create l
    mkdir d/new
    within watches_are 2
    touch d/new/f
    sentinel d
    expect_records 'CREATE,ISDIR l/new' 'CREATE l/new/f'
}

@test "a watched tree that is renamed is still watched, with what comes to be in it" {
    mkdir -p d/a
    start -m -r "${PLAIN[@]}" -e create,move_self d
    mv d e
    within printed MOVE_SELF
    mkdir -p e/a/new
    touch e/a/new/f
    sentinel e
    expect_records 'MOVE_SELF d/' 'CREATE,ISDIR e/a/new' 'CREATE e/a/new/f'
}

@test "a watched tree that is moved to where pywatch cannot follow it: told once, still watched" {
    mkdir -p d/a elsewhere
    start -m -r "${PLAIN[@]}" -e create,move_self d
    mv d elsewhere/e
    within printed MOVE_SELF
    touch elsewhere/e/a/f
    sentinel elsewhere/e
    expect_records 'MOVE_SELF d/' 'CREATE d/a/f'
    [[ $(tail -n +3 "$ERR" | wc -l) == 1 ]]
    tail -n +3 "$ERR" | grep -qw d
}

@test "a watched tree that another takes the place of: the old one is told to be gone" {
    mkdir d/s other
    start -m -r "${PLAIN[@]}" -e create,delete_self d
    rmdir d/s
    mv -T other d
    finish
    grep -qx 'DELETE_SELF d/' "$OUT"
    expect_status 1
    said 'nothing is left to watch'
}

@test "a file system is unmounted under one of two trees: the other goes on" {
    mkdir -p m e
    mount_tmpfs m
    mkdir -p m/a/b
    start -m -r "${PLAIN[@]}" -e create,unmount m e
    umount m
    within printed 'UNMOUNT,ISDIR m/'
    mkdir -p e/new
    touch e/new/f
    sentinel e
    [[ $(records | sort) == $'CREATE e/new/f\nCREATE,ISDIR e/new\n'*'UNMOUNT,ISDIR m/'* ]] ||
        fail "other records than expected"
    watches_are 2
}

@test "a directory of 50,000 entries: at set-up, and when it comes" {
    mkdir d/big e
    fill d/big 50000
    start -m -r "${PLAIN[@]}" -e create,move d e
    touch d/big/new
    mv d/big e/big
    touch e/big/later
    sentinel e
    expect_records 'CREATE d/big/new' 'MOVED_FROM,ISDIR d/big' 'MOVED_TO,ISDIR e/big' \
        'CREATE e/big/later'
    mv e/big big
    touch big/outside
    mv big d/big
    within printed 'd/big/outside'
    sentinel d
    [[ $(records | grep -c 'CREATE d/big/') == $(($(find d/big -type f | wc -l) + 1)) ]]
}

@test "the same directory named twice: each event once" {
    start -m "${PLAIN[@]}" -e create d d
    touch d/f
    sentinel d
    expect_records 'CREATE d/f'
    watching 1
}

@test "the same directory by several spellings: each event once, under the first" {
    ln -s d link
    for first in ./d d "$PWD/d" d/. link/; do
        rm -f d/f
        start -m "${PLAIN[@]}" -e create "$first" d ./d "$PWD/d" d/ d/. link
        touch d/f
        sentinel d
        expect_records "CREATE ${first%/}/f"
        stop
    done
}

@test "the same tree named twice, with -r: each event once, also in new directories" {
    mkdir d/s
    start -m -r "${PLAIN[@]}" -e create d ./d
    touch d/s/f
    mkdir -p d/new/s
    touch d/new/s/f
    sentinel d
    expect_records 'CREATE d/s/f' 'CREATE,ISDIR d/new' 'CREATE,ISDIR d/new/s' 'CREATE d/new/s/f'
}

@test "one root inside another, the outer first: each event once, under the outer" {
    mkdir -p d/s/t
    start -m -r "${PLAIN[@]}" -e create d ./d/s
    touch d/s/f
    mkdir d/s/new
    touch d/s/t/f
    sentinel d
    expect_records 'CREATE d/s/f' 'CREATE,ISDIR d/s/new' 'CREATE d/s/t/f'
    watching 4
}

@test "one root inside another, the inner first: each event once, under the inner" {
    mkdir -p d/s/t
    start -m -r "${PLAIN[@]}" -e create ./d/s d
    touch d/s/f
    mkdir d/s/new
    touch d/s/t/f
    touch d/g
    mkdir -p d/s/more/deep
    touch d/s/more/deep/f
    sentinel d
    expect_records 'CREATE ./d/s/f' 'CREATE,ISDIR ./d/s/new' 'CREATE ./d/s/t/f' 'CREATE d/g' \
        'CREATE,ISDIR ./d/s/more' 'CREATE,ISDIR ./d/s/more/deep' 'CREATE ./d/s/more/deep/f'
}

@test "a file and its directory: both are told, each under its own name" {
    touch d/f
    start -m "${PLAIN[@]}" -e modify,create d/f d
    echo text >>d/f
    sentinel d
    [[ $(records | sort) == $'MODIFY d/f\nMODIFY d/f' ]]
}

@test "two names of one file: each event once, under the first" {
    touch a
    ln a b
    start -m "${PLAIN[@]}" -e modify,create a b d
    echo text >>b
    sentinel d
    expect_records 'MODIFY a'
}

@test "a directory and a link to it: each event once, under the first" {
    ln -s d link
    start -m -r "${PLAIN[@]}" -e create link d
    touch d/f
    sentinel d
    expect_records 'CREATE link/f'
}

@test "slashes at the end: one is added where there is none, and none are taken" {
    mkdir e f
    start -m "${PLAIN[@]}" -e create d e/ f// . "$PWD/.."
    touch d/1
    touch e/2
    touch f/3
    touch ./4
    touch ../5
    sentinel d
    expect_records 'CREATE d/1' 'CREATE e/2' 'CREATE f//3' 'CREATE ./4' "CREATE $PWD/../5"
}

@test "a link to a directory is a directory: one slash is added" {
    ln -s d link
    start -m "${PLAIN[@]}" -e create link
    touch d/f
    sentinel d
    expect_records 'CREATE link/f'
}

@test "relative paths hold, whatever is renamed above" {
    mkdir -p above/work/d
    cd above/work
    start -m -r "${PLAIN[@]}" -e create d
    mv ../../above ../../other
    mkdir -p d/new
    touch d/new/f
    sentinel d
    expect_records 'CREATE,ISDIR d/new' 'CREATE d/new/f'
}

@test "from a working directory that has been deleted, an absolute path is watched" {
    mkdir gone
    there=$PWD/d
    cd gone
    rmdir ../gone
    start -m -r "${PLAIN[@]}" -e create "$there"
    touch "$there/f"
    sentinel "$there"
    expect_records "CREATE $there/f"
}

@test "the watched directory can be unmounted: pywatch does not hold on to it" {
    mount_tmpfs d
    mkdir d/s
    start -m -r "${PLAIN[@]}" d
    umount d
    finish
    expect_status 1
}

@test "the watched directory can be removed at once: pywatch does not hold on to it" {
    mkdir -p d/a/b
    start -m -r "${PLAIN[@]}" -e delete_self d
    rm -r d
    finish
    [[ $(tail -n 1 "$OUT") == 'DELETE_SELF d/' ]]
}

# ---- @PATH

@test "@PATH: a plain file is left out, whatever happens to it and however it is spelled" {
    mkdir -p d/sub
    ln -s "$PWD/d" link
    touch d/sub/f d/sub/g
    local at
    for at in @d/sub/f @./d/sub/f "@$PWD/d/sub/f" @link/sub/f @d/../d/sub//f @d/sub/../sub/./f; do
        start -m -r "${PLAIN[@]}" "$at" d
        echo text >d/sub/f
        mv d/sub/f d/sub/h
        mv d/sub/h d/sub/f
        rm d/sub/f
        touch d/sub/f d/sub/g
        sentinel d
        stop
        ! printed 'd/sub/f' || fail "$at: it is reported"
        printed 'MOVED_TO d/sub/h'
        printed 'ATTRIB d/sub/g'
    done
}

@test "@PATH: a plain file below roots that are spelled otherwise" {
    mkdir -p d/sub
    ln -s d link
    touch d/sub/f
    local root
    for root in . ./ d d/ d// ./d "$PWD" link link/ d/sub d/../d; do
        start -m -r "${PLAIN[@]}" -e attrib,create,delete "$root" @d/sub/f
        touch d/sub/f
        touch d/sub/new
        sentinel d/sub
        stop
        rm d/sub/new
        ! printed '/f' || fail "$root: it is reported"
        printed 'sub/new'
    done
}

@test "@PATH: a plain file that comes later, and a directory of that name" {
    mkdir -p d/a
    start -m -r "${PLAIN[@]}" -e create,delete @d/b/f @d/a/f d
    touch d/a/f
    mkdir -p d/b
    touch d/b/f d/b/g
    rm d/a/f
    mkdir d/a/f
    sentinel d
    # As with a directory that was there: what happens within is left out, not the entry.
    expect_records 'CREATE,ISDIR d/b' 'CREATE d/b/g' 'CREATE,ISDIR d/a/f'
}

@test "@PATH: a file that is named as well is watched, by its own name" {
    touch d/f d/g
    start -m --format '%w|%f' -e attrib d d/f @d/f
    touch d/f d/g
    sentinel d
    expect_records 'd/f|' 'd/|g'
    stop
    start -v -m "${PLAIN[@]}" -e attrib d @d/f
    touch d/f
    sentinel d
    said 'not printed: ATTRIB d/f: left out by @PATH'
}

@test "-r: a directory that may be listed and not entered" {
    unprivileged
    touch d/f
    chmod 444 d
    start -m -r "${PLAIN[@]}" -e attrib d
    chmod 755 d
    touch d/f
    within printed 'ATTRIB d/f'
    expect_records 'ATTRIB,ISDIR d/' 'ATTRIB d/f'
}

# ---- file systems that others can change

@test "a file system that others can change: one warning each, not with -q" {
    mkdir -p a/below b
    mount_fuse a/below
    start -m -e create a a/below a/below/ b
    stop
    [[ $(grep -c 'others can change' "$ERR") == 1 ]] || fail "not one warning"
    said 'pywatch: a/below is on a file system (FUSE)'
    start -m -r -x -e create a b
    stop
    ! said 'others can change' || fail "it warns of what is not watched"
    start -m -e create a b
    stop
    ! said 'others can change' || fail "it warns of what is not watched"
    begin -q -m -r -e create a
    watching 2
    stop
    [[ ! -s $ERR ]]
}
