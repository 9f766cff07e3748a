#!/usr/bin/env bats
# The Python module _inotify, under the Python that it was built for: each class of
# tests/python/test_inotify.py is a test here. And README's example and doc/examples/backup.py, run.

load helpers
load example

top=$(cd "${top_srcdir:-$BATS_TEST_DIRNAME/..}" && pwd)
built=$(cd "${top_builddir:-$BATS_TEST_DIRNAME/..}" && pwd)
eval "$(declare -f setup | sed '1s/setup/setup_helpers/')"

# configured NAME: the value of a variable of the Makefile.
configured() { sed -n "s/^$1 = *//p" "$built/Makefile"; }

setup() {
    setup_helpers
    module=$built/src/python/_inotify.so
    PYTHON=$(configured PYTHON)
    # What is left of another configuration counts for nothing.
    [[ -n $(configured PYTHON_SUFFIX) ]] ||
        skip "configured without --with-python (for which Python's headers are needed)"
    unset PYTHONHOME PYTHONSTARTUP
    export PYTHONPATH=$built/src/python PYTHONDONTWRITEBYTECODE=1 PYTHONIOENCODING=utf-8
    RUN=(env LC_ALL=C.UTF-8)
    [[ -f $module ]] || fail "there is no $module"
    ! grep -q -a __asan_init "$module" || preload
}

# preload: a sanitizer's runtime has to be loaded before anything else. Python frees too little at
# its end for leaks to be looked for there.
preload() {
    local name runtime

    for name in libclang_rt.asan-x86_64.so libclang_rt.asan.so libasan.so; do
        # shellcheck disable=SC2086 # CC may hold flags
        runtime=$(${CC:-$(configured CC)} -print-file-name=$name)
        [[ -e $runtime ]] || continue
        RUN=(env LC_ALL=C.UTF-8 "LD_PRELOAD=$runtime" ASAN_OPTIONS=detect_leaks=0
            PYTHONMALLOC=malloc)
        "${RUN[@]}" "$PYTHON" -c 'import _inotify' 2>/dev/null && return
    done
    skip "no runtime of the sanitizers that could be loaded before Python"
}

# python CLASS: runs its tests.
python() {
    "${RUN[@]}" timeout --foreground 250 "$PYTHON" "$top/tests/python/test_inotify.py" -v "$1" 3>&-
}

# Compiled as built, for this Python, and no other module of that name.
@test "the module is the one that was built" {
    [[ $("${RUN[@]}" "$PYTHON" -c 'import _inotify; print(_inotify.__file__)') == "$module" ]]
}

@test "create: a descriptor, or an error" { python Create; }
@test "add: paths, masks, flags and errors" { python Add; }
@test "remove: ends a watch" { python Remove; }
@test "read_event: every event, as it was" { python Read; }
@test "read_event: what a callback does loses no event" { python Callbacks; }
@test "read_event: a call that waits lets other threads go on" { python Waiting; }
@test "no reference, memory or descriptor leaks" { python Memory; }
@test "several interpreters" { python Interpreters; }
@test "the constants, the stub and the docstrings agree with the table" { python Constants; }

@test "each class of tests is run here" {
    diff <(sed -n -E 's/^@test .* \{ python ([A-Za-z]+); \}$/\1/p' "$BATS_TEST_FILENAME" | sort) \
        <(sed -n -E 's/^class ([A-Za-z]+)\((InDirectory|unittest\.TestCase)\):.*/\1/p' \
            "$top/tests/python/test_inotify.py" | grep -v InDirectory | sort)
}

# quiet_make TARGET ARGUMENT...: not as a part of the make that runs the tests.
quiet_make() { env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$built" "$@" >/dev/null 3>&-; }

@test "make install puts module and stub in place, and make uninstall takes them away" {
    local root=$BATS_TEST_TMPDIR/root place

    quiet_make install-exec-local DESTDIR="$root"
    place=$(find "$root" -name "_inotify$(configured PYTHON_SUFFIX)" -printf '%h')
    cmp "$top/src/python/_inotify.pyi" "$place/_inotify.pyi"
    PYTHONPATH=$place "${RUN[@]}" "$PYTHON" -c \
        'import _inotify, os, sys; assert os.path.dirname(_inotify.__file__) == sys.argv[1]' "$place"
    quiet_make uninstall-hook DESTDIR="$root"
    [[ -z $(find "$root" -type f) ]]
}

# ---- README.md

@test "README: the example" {
    awk '/^<!-- example: python -->/ { found = 1; next }
         found && /^```/ { if (inside) exit; inside = 1; next }
         inside' "$top/README.md" >"$BATS_TEST_TMPDIR/example.py"
    mkdir inbox outbox
    : >"$OUT"
    "${RUN[@]}" "$PYTHON" "$BATS_TEST_TMPDIR/example.py" >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
    within printed_or_ended ready
    echo >inbox/a
    cat inbox/a
    echo >'two words'
    mv 'two words' outbox
    rm inbox/a
    echo >inbox/b
    within printed_or_ended inbox/b
    expect_output ready inbox/a 'outbox/two words' inbox/b
}

# ---- doc/examples/backup.py

backup() {
    : >"$OUT"
    "${RUN[@]}" "$PYTHON" "$top/doc/examples/backup.py" --to to "$@" >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
    within printed_or_ended ready
}

@test "backup.py: copies files as they change, whatever becomes of them" {
    mkdir to e
    echo 1 >a
    echo 1 >d/b
    backup --stop d/marker a d/b e/c
    copies a 1
    copies b 1
    # Written again, and in a file that was not there.
    echo 2 >a
    echo 1 >e/c
    copies a 1 2
    copies c 1
    # Replaced, as an editor saves; then written again.
    echo 3 >a.new
    mv a.new a
    copies a 1 2 3
    echo 4 >a
    copies a 1 2 3 4
    # Deleted, and made anew.
    rm d/b
    within printed 'd/b: gone'
    echo 2 >d/b
    copies b 1 2
    echo 3 >>d/b
    copies b 1 2 $'2\n3'
    # Renamed: what is done to it there is not ours; nor is the file of another name.
    mv a other
    within printed '/a: gone'
    echo no >other
    echo no >d/c
    echo 5 >a
    copies a 1 2 3 4 5
    # Renamed and back: the same file, under the same name.
    mv e/c e/away
    mv e/away e/c
    echo 2 >e/c
    copies c 1 2
    touch d/marker
    finish
    expect_status 0
    [[ ! -s $ERR && $(ls to) == $'a.1\na.2\na.3\na.4\na.5\nb.1\nb.2\nb.3\nc.1\nc.2' ]]
}

@test "backup.py: two names of one file, and a marker that is there already" {
    mkdir to
    touch marker
    echo 1 >a
    ln a b
    backup --stop marker a b
    copies a 1
    copies b 1
    echo 2 >b
    copies a 1 2
    copies b 1 2
    # Only one of the names goes; the other stays watched.
    rm a
    echo 3 >b
    copies b 1 2 3
    ln b a
    copies a 1 2 3
    mv b c
    echo 4 >a
    copies a 1 2 3 4
    touch marker
    finish
    expect_status 0
    copies b 1 2 3
}

@test "backup.py: what is gone is forgotten, for ever so many files" {
    mkdir to
    echo 0 >a
    backup --stop marker a
    for i in $(seq 200); do
        echo "$i" >new
        mv new a
    done
    echo last >a
    last() { grep -q -x last to/*; }
    within last
    # One watch for the directory, one for the file.
    within watches_are 2
    touch marker
    finish
    expect_status 0
}

@test "backup.py: says what is wrong" {
    mkdir to
    finished_backup() {
        : >"$OUT"
        backup "$@"
        finish
    }
    finished_backup missing/a
    expect_status 1
    [[ $(wc -l <"$ERR") == 1 ]]
    said "missing"
    finished_backup d
    expect_status 2
    said "d is not a regular file"
    touch a d/a
    finished_backup a d/a
    expect_status 2
    said "two files of the same name"
    rmdir to
    finished_backup a
    expect_status 2
    said "there is no such directory"
}
