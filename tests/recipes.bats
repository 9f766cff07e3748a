#!/usr/bin/env bats
# doc/examples/mirror.sh and rebuild.sh.

bats_require_minimum_version 1.5.0
load helpers
load example

@test "mirror.sh: the copy is as the directory, at the start and after every change" {
    require rsync
    mkdir -p d/sub copy
    echo old >d/old
    echo stray >copy/stray
    same() { diff -r -q d copy; } >/dev/null 2>&1
    example mirror.sh d copy
    within same
    echo new >d/sub/new
    mv d/old $'d/sub/two words\nand lines'
    within same
    mkdir -p d/a/b/c
    for i in {1..200}; do echo "$i" >"d/a/b/c/$i"; done
    rm -r d/sub
    within same
    chmod 600 d/a/b/c/7
    mode() { [[ $(stat -c %a copy/a/b/c/7) == 600 ]]; }
    within mode
}

@test "mirror.sh: options of rsync, a run that fails, and the end" {
    require rsync
    mkdir -p copy
    echo >d/keep
    echo >d/leave.tmp
    example mirror.sh d missing/copy --exclude='*.tmp'
    within said 'not copied'
    mkdir missing
    echo >d/next
    within test -e missing/copy/next
    [[ -e missing/copy/keep && ! -e missing/copy/leave.tmp ]]
    rm -r d
    finish
    expect_status 1
    said 'nothing is left to watch'
}

@test "rebuild.sh: at the start, after a save, once for many, and once more for one meanwhile" {
    mkdir -p d/lib
    cat >build <<'END'
#!/bin/sh
seen=$(find d -name '*.c' | sort | tr '\n' ' ')
echo "$seen" >>runs
echo >d/made.o
# Not the run before, which may not have ended yet: nobody would wait for its end.
case $seen in *d/x.c*) while [ -e slow ]; do sleep 0.05; done ;; esac
! [ -e broken ]
END
    chmod +x build
    runs() { [[ -e runs && $(wc -l <runs) -ge $1 ]]; }
    has() { grep -q -F -e "$1" runs; }
    example rebuild.sh '\.c$' d ./build
    within said 'rebuild.sh: done'
    runs 1
    echo >d/notes.txt
    echo >d/a.c
    within has 'd/a.c '
    # Many at a time: not as many runs.
    before=$(wc -l <runs)
    for i in {1..50}; do echo >"d/lib/$i.c"; done
    within has 'd/lib/50.c '
    (($(wc -l <runs) - before < 25))
    # By rename, while it runs.
    : >slow
    echo >d/x.c
    within has 'd/x.c '
    echo >d/.y.c.new
    mv d/.y.c.new d/y.c
    rm slow
    within has 'd/y.c '
    : >broken
    rm d/y.c
    within said 'rebuild.sh: failed, with status 1'
    # Neither what it makes nor what is no source has made it run.
    quiet=$(wc -l <runs)
    echo >d/more.txt
    rm broken
    echo >d/z.c
    within has 'd/z.c '
    (($(wc -l <runs) == quiet + 1))
}
