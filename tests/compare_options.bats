#!/usr/bin/env bats
# What inotifywait prints and how it ends, by where and how options stand, and where output goes.

load compare

prepare() { mkdir -p d/s; }

act() {
    step touch d/s/f
    step touch d/f
    step chmod 700 d/s
    step rm d/f
}

@test "options after paths, between paths, before and after --" {
    prepare() { mkdir -p d/s e; }
    compare d -m
    compare d -m -e create e
    compare -m d e -e create,delete --format '%w %e'
    compare d --format %f -m
    compare -m -- d e
    compare d -m -- e
    compare d -e create
}

@test "clustered short options" {
    compare -mr d
    compare -mrecreate d
    compare -mre create d
    compare -cmr d
    compare -mce delete d
    compare -mrPe create,delete d
    compare -mrt 600 d
    compare -rt600 -ecreate d
    QUIET=1
    compare -qmr d
    compare -qmrecreate d
    compare -cqmre create d
    SILENT=1
    compare -qqrecreate d
    compare -rqqe create d
}

@test "short options with their values, and long ones with and without =" {
    compare -m -ecreate d
    compare -m --event=create --event delete d
    compare -m --format=%w%f --event=create d
    compare -m --format '=%w' d
    compare -m --format= d
}

@test "options given twice: the last, or both" {
    compare -m -e create -e delete d
    compare -m -e create,delete -e create d
    compare -m --format %w --format %f d
    compare -m --timefmt x --timefmt y --format %T d
    compare -m -m -c -c -r -r d
    compare -m -t 1 -t 600 d
}

@test "POSIXLY_CORRECT" {
    RUN=(env POSIXLY_CORRECT=1)
    compare -m -e create d
    compare -m -- d
}

# written ARGUMENT...: what both write to files is the same, and how it may be read.
written() {
    local file as

    theirs "$@"
    [[ ! -s $OUT ]]
    file=${OUT%.out}/file
    [[ -s $file ]] || fail "inotifywait has written nothing"
    for as in "${NAMES[@]}"; do
        side "$(under "$as")" "$@"
        [[ ! -s $OUT ]]
        diff -u "$file" "${OUT%.out}/file" >&2
        [[ $(stat -c %a "$file") == "$(stat -c %a "${OUT%.out}/file")" ]]
    done
}

@test "-o: a new file, one that is there, a link, and with each layout" {
    local umask

    written -m -o file d
    written -m -o ./file -e create --format '%w%f%0' --no-newline d
    written -m --outfile=file --csv d
    written -o file d
    prepare() {
        mkdir -p d/s
        echo 'before' >file
        chmod 640 file
    }
    written -m -o file d
    [[ $(head -n 1 "${OUT%.out}/file") == before ]]
    prepare() {
        mkdir -p d/s
        ln -s other file
    }
    written -m -o file d
    prepare() { mkdir -p d/s; }
    for umask in 077 000; do
        umask $umask
        written -m -o file d
    done
}

@test "--fromfile: before the paths of the command line, with @" {
    prepare() {
        mkdir -p d/s e ' e '
        touch f
        printf 'e\n\n e \n@d/s\nf' >list
    }
    act() {
        step touch d/s/x
        step touch d/x
        step touch e/x
        step touch ' e /x'
        step add f text
    }
    compare -m -r --fromfile list d
    compare -m --fromfile list
    compare -m d --fromfile list e
    IN=$BATS_TEST_TMPDIR/lines
    printf 'd\n e \n@e' >"$IN"
    compare -m --fromfile -
    compare -m -r --fromfile - f
}

@test "-P: a link itself, to a file, to a directory, to nothing" {
    prepare() {
        mkdir d
        touch f
        ln -s f to.f
        ln -s d to.d
        ln -s x to.nothing
    }
    act() {
        step touch d/x
        step touch -h to.f to.d to.nothing
        step touch f
        step rm to.f
        step mv to.d to.e
        step touch d/keep
    }
    compare -m -P to.f to.nothing d
    compare -m to.f d
    compare -m -P f d
}
