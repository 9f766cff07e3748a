#!/usr/bin/env bats
# doc/examples/backup.sh: a copy of each version of some files. (backup.py is in python.bats.)

load helpers
load example

# script ARGUMENT...: it, with copies to `to`.
script() {
    mkdir -p to
    example backup.sh --to to "$@"
}

backup() {
    script "$@"
    within printed_or_ended ready
    printed ready || fail 'it ended before it was ready'
}

@test "backup.sh: copies files as they change, whatever becomes of them" {
    echo 1 >a
    echo 1 >d/b
    backup --stop d/marker a d/b e/c
    copies a 1
    copies b 1
    # Written again, and in a file that was not there, nor its directory.
    echo 2 >a
    mkdir e
    echo 1 >e/c
    copies a 1 2
    copies c 1
    # Replaced, as an editor saves; then written again.
    echo 3 >a.new
    mv a.new a
    copies a 1 2 3
    within printed 'a: watched again'
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
    within printed 'a: gone'
    echo no >other
    echo no >d/c
    echo 5 >a
    copies a 1 2 3 4 5
    # With its directory, and back.
    mv e away
    within printed 'e/c: gone'
    mv away e
    echo 2 >e/c
    copies c 1 2
    rm -r e
    mkdir e
    echo 3 >e/c
    copies c 1 2 3
    touch d/marker
    finish
    expect_status 0
    [[ ! -s $ERR ]] || fail 'there is something on stderr'
    find to -type f -printf '%f\n' | sort | diff - <(printf '%s\n' a.{1..5} b.{1..3} c.{1..3}) >&2
}

@test "backup.sh: two names of one file, and a marker that is there already" {
    touch marker
    echo 1 >a
    ln a b
    backup --stop marker a b
    copies a 1
    copies b 1
    echo 2 >b
    copies a 1 2
    copies b 1 2
    rm a
    within printed 'a: gone'
    echo 3 >b
    copies b 1 2 3
    ln b a
    within printed 'a: watched again'
    copies a 1 2 3
    echo 4 >a
    copies b 1 2 3 4
    copies a 1 2 3 4
    # That the marker goes ends nothing.
    rm marker
    echo 5 >a
    copies a 1 2 3 4 5
    touch marker
    finish
    expect_status 0
}

@test "backup.sh: odd names, and the same name twice" {
    local odd=$'two words\nand * lines'

    echo 1 >"$odd"
    backup --stop marker -- "$odd" -x
    copies "$odd" 1
    echo 2 >"$odd"
    echo 1 >-x
    copies "$odd" 1 2
    copies -x 1
    touch marker
    finish
    expect_status 0
    script a d/a
    finish
    expect_status 1
    said 'two files of the name a'
    script d
    finish
    expect_status 1
    said 'd is not a regular file'
    script
    finish
    expect_status 1
    said 'usage: backup.sh'
}

@test "backup.sh --daemon: back when all is watched, and ends with the marker" {
    logged() { grep -q -F -e "$1" log; }
    gone() { [[ -z $(pgrep -f -- "--log $PWD/log") ]]; }

    echo 1 >a
    script --daemon
    finish
    expect_status 1
    script --stop marker --log "$PWD/log" --daemon a
    finish
    expect_status 0
    printed 'a: copied to to/a.1' || fail 'the first copy is not told of'
    SESSIONS+=("$(pgrep -o -f -- "--log $PWD/log")")
    echo 2 >a
    copies a 1 2
    within logged 'a: copied to to/a.2'
    touch marker
    within gone
}

@test "backup.sh: each version that is told to be whole, of a file that is replaced all the time" {
    local i

    backup --stop marker a
    for i in {1..50}; do
        echo "$i" >new
        mv new a
        within test -e "to/a.$i"
    done
    copies a {1..50}
}
