#!/usr/bin/env bats
# The same paths as inotifywait, from the same places: operands of every shape, many of them, what
# is below with -r, what comes to be there, what is deleted and moved.

load compare

@test "a directory: with and without a slash at its end, by dots" {
    local path
    prepare() { mkdir -p d/s; }
    act() {
        step touch d/f
        step chmod 700 d
        step mkdir d/n
    }
    for path in d d/ d// ./d ./d/ ././d d/. d/s/.. .//d; do
        compare -m "$path"
    done
}

@test "the current directory, its parent, a directory below it" {
    prepare() { mkdir -p d/s; }
    act() {
        step touch f
        step touch d/f
    }
    compare -m .
    compare -m ./
    compare -m -r .
    compare -m -r ./
    compare -m d/..
}

@test "an absolute path" {
    act() {
        step touch d/g
        step add f text
    }
    alike() { sed "s:^$BATS_TEST_TMPDIR/side[.][0-9]*/:/PLACE/:"; }
    local now
    # The path is that of the side that is to come.
    begin() {
        now=$PWD
        : >"$OUT"
        : >"$ERR"
        "$PYWATCH" "${@/PLACE/$now}" >"$OUT" 2>"$ERR" 3>&- &
        PID=$!
        PIDS+=("$PID")
    }
    compare -m PLACE/d PLACE/f
    compare -m -r PLACE/
    grep -q '^/.*/d/ CREATE g$' "$OUT"
}

@test "a file: by name, by dots, with -r" {
    act() {
        step add f text
        step cat f >/dev/null
        step chmod 600 f
    }
    compare -m f
    compare -m ./f
    compare -m d/../f
    compare -m -r f
    compare f
}

@test "many paths, files and directories mixed" {
    prepare() {
        mkdir -p 1 2/s 3
        touch a b 1/a 2/a 2/s/a
    }
    act() {
        local i
        for i in 3 2 1; do
            step touch "$i/new"
        done
        step add b text
        step add a text
        step add 1/a text
        step add 2/s/a text
    }
    compare -m a b 1 2 3
    compare -m 3 2/s a 1/a 2 b
    compare -m -r 1 2 3 a b
    compare -m -r 2 1 -e create,modify a
    compare -e modify a b
    compare 1 2 3
}

@test "a hundred paths" {
    prepare() {
        local i
        for i in {1..100}; do mkdir "$i"; done
    }
    act() {
        local i
        for i in {100..1}; do : >"$i/f"; done
        settle
    }
    compare -m {1..100}
    compare -m -r -e create .
}

@test "files of one directory, and the directory" {
    prepare() { mkdir d && touch d/a d/b; }
    act() {
        step add d/a text
        step add d/b text
        step rm d/a
    }
    FROZEN=0
    compare -m -e modify,delete,delete_self d/a d/b d
    compare -m -e modify,delete,delete_self d d/a
}

@test "a link to a file, and a link in a directory" {
    prepare() {
        mkdir d
        touch f d/f
        ln -s f link
        ln -s f d/link
    }
    act() {
        step add f text
        step add d/link text
        step rm link
        step rm d/link
    }
    compare -m link
    compare -m link d
    compare -m -P link d
    compare -m -r d
}

@test "a link to a directory" {
    prepare() {
        mkdir -p d/s
        ln -s d link
    }
    act() {
        step touch d/f
        step touch d/s/f
    }
    compare -m link/
    compare -m -r link/
    compare -m -r link
}

@test "-r: what is there at the start" {
    prepare() {
        mkdir -p d/a/b/c d/x/y
        touch d/a/f d/a/b/f d/x/y/f
    }
    act() {
        step add d/a/f text
        step add d/a/b/f text
        step mv d/x/y/f d/a/b/c/g
        step rm d/a/b/f
        step touch d/a/b/c/h
    }
    compare -m -r d
    compare -m -r d/
    compare -m -r -e create,move d
    compare -r -e moved_to d
}

@test "-m -r: a new directory, and what comes to be in it after that" {
    prepare() { mkdir -p d/a; }
    act() {
        step mkdir d/n
        step touch d/n/f
        step mkdir d/n/m
        step touch d/n/m/f
        step chmod 700 d/n/m
        step rm d/n/m/f
        step mkdir d/a/o
        step add d/a/o/f text
    }
    # Their own walks make OPEN, ACCESS and CLOSE_NOWRITE of the new directories.
    compare -m -r -e create,modify,attrib,delete,close_write d
    compare -m -r -e close_write d
    compare -m -r -e create --format '%w%f %e' d
}

@test "-m -r: a directory renamed within" {
    prepare() {
        mkdir -p d/a/b
        touch d/a/f d/a/b/f
    }
    act() {
        step mv d/a d/z
        step add d/z/f text
        step add d/z/b/f text
        step mv d/z/b d/b
        step touch d/b/g
    }
    compare -m -r -e create,modify,move,close_write d
    compare -m -r -e modify d
}

@test "-m -r: two directories exchanged" {
    prepare() {
        mkdir -p d/a d/b
        touch d/a/f
    }
    act() {
        step python3 -c 'import ctypes
exit(ctypes.CDLL(None).renameat2(-100, b"d/a", -100, b"d/b", 2))'
        step touch d/a/g
        step touch d/b/f
    }
    compare -m -r -e create,attrib d
}

@test "-m -r: rm -r from below" {
    prepare() {
        mkdir -p d/a/b
        touch d/a/f d/a/b/f
    }
    act() {
        step rm d/a/b/f
        step rmdir d/a/b
        step rm d/a/f
        step rmdir d/a
    }
    compare -m -r -e delete d
    compare -m -r -e delete,delete_self d
}

@test "-m -r: deleted and made again" {
    prepare() { mkdir -p d/a; }
    act() {
        step rmdir d/a
        step mkdir d/a
        step touch d/a/f
        step rm d/a/f
        step rmdir d/a
        step mkdir d/a
        step touch d/a/g
    }
    compare -m -r -e create,delete d
}

@test "-m -r: a file becomes a directory of the same name" {
    prepare() { mkdir d && touch d/x; }
    act() {
        step rm d/x
        step mkdir d/x
        step touch d/x/f
        step rm d/x/f
        step rmdir d/x
        step touch d/x
    }
    compare -m -r -e create,delete d
}

@test "-m -r: a directory moved in" {
    prepare() {
        mkdir -p d in
    }
    act() {
        step mv in d/in
        step touch d/in/f
    }
    compare -m -r -e create,moved_to d
}

@test "-m: watched files deleted and moved, one after the other" {
    prepare() {
        mkdir keep
        touch a b c
    }
    act() {
        step rm a
        step add c text
        step rm c
        step mv b z
    }
    compare -m -e modify,delete_self,move_self a b c keep
    compare -m a b c keep
}

@test "what does not exist: status 1" {
    local side
    reference
    for side in "$REFERENCE" "$(under inotifywait)" "$(under pywatch)"; do
        PYWATCH=$side finished d missing
        expect_status 1
        [[ ! -s $OUT ]]
        said "Couldn't watch missing: No such file or directory"
    done
}
