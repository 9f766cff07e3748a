#!/usr/bin/env bats
# The examples of README.md and of the manual page, run as they stand there.
#
# In README.md an example is a block of ```sh with the line <!-- example: NAME --> above it, in
# doc/pywatch.1 a .Bd with the line .\" example: NAME above it. Each has to have a name, and a test
# here that starts it, does what it waits for, and looks at what comes of it. Where a number of
# seconds would make the test wait, the test alters that number and nothing else.

load helpers

# $top is also what the last test looks into.
top=$(cd "${top_srcdir:-$BATS_TEST_DIRNAME/..}" && pwd)

# Each example runs in a process group of its own.
teardown() {
    [[ -n $PID ]] && kill -KILL -- "-$PID" 2>/dev/null && wait "$PID" 2>/dev/null
    cd / || return 1
}

# code FILE NAME: the example as a script.
code() {
    case $1 in
    README.md)
        awk -v mark="<!-- example: $2 -->" '
            $0 == mark { found = 1; next }
            found && /^```/ { if (inside) exit; inside = 1; next }
            inside' "$top/README.md"
        ;;
    *)
        awk -v mark=".\\\\\" example: $2" '
            $0 == mark { found = 1; next }
            found && /^\.Ed/ { exit }
            found && /^\.Bd/ { inside = 1; next }
            inside' "$top/$1" | sed -e 's/\\&//g' -e 's/\\e/\\/g'
        ;;
    esac
}

# example FILE NAME [FROM TO]: starts it, in the working directory of the test. FROM is what the
# test has to alter, so as not to wait.
example() {
    local script=$BATS_TEST_TMPDIR/example shell=sh altered

    code "$1" "$2" >"$script"
    [[ -s $script ]] || fail "$1 has no example $2"
    if (($# == 4)); then
        altered=$(<"$script")
        [[ $altered == *"$3"* ]] || fail "$1, $2: there is no $3"
        printf '%s\n' "${altered/"$3"/"$4"}" >"$script"
    fi
    grep -q -e '< <(' -e '^coproc' "$script" && shell=bash
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$PYWATCH" "$BATS_TEST_TMPDIR/bin/pywatch"
    : >"$OUT"
    : >"$ERR"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH setsid "$shell" "$script" <"$IN" >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
}

ready_again() { [[ $(grep -c 'Watches established.' "$ERR") == "$1" ]]; }
lines_are() { [[ $(wc -l <"$1") == "$2" ]]; }

# ---- README.md

@test "README: rebuild on save" {
    mkdir -p "$BATS_TEST_TMPDIR/bin" src
    cat >"$BATS_TEST_TMPDIR/bin/make" <<'END'
#!/bin/sh
find src -name '*.[ch]' | sort | tr '\n' ' ' >>made
echo >>made
END
    chmod +x "$BATS_TEST_TMPDIR/bin/make"
    example README.md rebuild
    within ready_again 1
    echo text >src/notes.txt
    echo code >src/a.c
    within lines_are made 1
    within ready_again 2
    # A new directory counts, without -m as well; and a save by rename.
    mkdir src/lib
    echo code >src/lib/.b.h.new
    mv src/lib/.b.h.new src/lib/b.h
    within lines_are made 2
    diff made - <<'END'
src/a.c 
src/a.c src/lib/b.h 
END
}

@test "README: handle each file as soon as it is finished" {
    mkdir inbox 'done'
    example README.md dropbox
    ready
    exec 9>inbox/slow
    echo first >&9
    echo whole >'inbox/two words'
    within test -e 'done/two words'
    # The one that is still being written stays where it is.
    [[ -e inbox/slow ]]
    echo last >&9
    exec 9>&-
    within test -e done/slow
    echo renamed >other
    mv other inbox/-other
    within test -e done/-other
    [[ $(<done/slow) == $'first\nlast' && -z $(ls inbox) ]]
}

@test "README: JSON and jq" {
    require jq
    example README.md json
    ready
    mkdir here
    mv here there
    rmdir there
    within lines_are "$OUT" 3
    grep -q -E '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z	' "$OUT"
    diff <(cut -f 2- "$OUT") - <<'END'
MOVED_FROM	-	./here
MOVED_TO	./here	./there
DELETE	-	./there
END
}

@test "README: any name through xargs -0" {
    local names=(photos/plain 'photos/two words' $'photos/new\nline' photos/-dash $'photos/\xff') name

    mkdir photos
    example README.md null
    ready
    for name in "${names[@]}"; do
        echo "$name" >"$name"
    done
    within lines_are "$OUT" "${#names[@]}"
    diff <(sha256sum "${names[@]}") "$OUT"
}

@test "README: wait with a deadline" {
    mkdir run
    example README.md deadline
    ready
    echo >run/almost
    echo >run/ready
    finish
    expect_output "run/ CREATE ready" "it is ready"
    # It is there already.
    example README.md deadline
    finish
    expect_output "run/ CREATE ready" "it is ready"
    rm run/ready
    example README.md deadline '-t 30' '-t 0.05'
    finish
    expect_output "not within 30 seconds"
    rm -r run
    example README.md deadline
    finish
    expect_output "something is wrong"
}

@test "README: follow a path" {
    printf '#!/bin/sh\ncat etc/server.conf >>loaded\n' >reload
    chmod +x reload
    example README.md follow
    within ready_again 1
    mkdir etc
    echo 1 >etc/server.conf
    within ready_again 2
    echo 2 >new
    mv new etc/server.conf
    within lines_are loaded 1
    rm -r etc
    mkdir etc
    echo 3 >etc/server.conf
    within lines_are loaded 2
    echo 4 >etc/server.conf
    within lines_are loaded 3
    [[ $(<loaded) == $'2\n3\n4' ]]
}

# ---- doc/pywatch.1

@test "README: commands while it runs" {
    require jq
    mkdir -p src/old template/lib 'release notes'
    touch template/{a,lib/b}
    example README.md control
    finish
    expect_status 0
    sort "$OUT" | diff - <(printf 'src/new/%s\n' a lib/b)
    [[ $(jq -r '.reply // empty' log | head -n 3) == $'add\nadd\nsync' ]]
}

@test "manual: wait until a file is written" {
    touch report.txt
    example doc/pywatch.1 wait
    ready
    echo text >report.txt
    finish
    expect_output "report.txt CLOSE_WRITE,CLOSE " "1 report.txt"
    example doc/pywatch.1 wait '-t 60' '-t 0.05'
    finish
    expect_output "no report within a minute"
}

@test "manual: print every change" {
    mkdir src
    example doc/pywatch.1 changes
    ready
    mkdir src/new
    echo text >src/new/file
    cat src/new/file >/dev/null
    # What is gone before its directory can be watched is never heard of.
    within printed 'src/new/ CLOSE_WRITE,CLOSE file'
    rm src/new/file
    rmdir src/new
    within printed 'DELETE,ISDIR new'
    [[ $(head -n 1 "$OUT") == 'src/ CREATE,ISDIR new' ]]
    printed 'src/new/ DELETE file'
    run grep -E 'OPEN|ACCESS|NOWRITE' "$OUT"
    [[ $status == 1 ]]
}

@test "manual: follow the C sources alone" {
    mkdir .git build lib
    example doc/pywatch.1 sources
    ready
    echo text >.git/a.c
    echo text >build/b.c
    echo text >lib/notes
    echo text >lib/c.c
    mv lib/notes d.h
    within printed d.h
    expect_output './lib/ CLOSE_WRITE,CLOSE c.c' './ MOVED_TO d.h'
}

@test "manual: show renames" {
    mkdir -p photos/new photos/old
    touch photos/new/1.jpg
    example doc/pywatch.1 renames
    ready
    mv photos/new/1.jpg photos/old/2.jpg
    mv photos/old photos/older
    mv photos/older/2.jpg photos/3.jpg
    within printed 3.jpg
    expect_output 'photos/new/1.jpg -> photos/old/2.jpg' 'photos/old -> photos/older' \
        'photos/older/2.jpg -> photos/3.jpg'
}

@test "manual: copy each document once it has been left alone" {
    mkdir -p docs/new copies
    example doc/pywatch.1 settle 2000 300
    ready
    echo one >docs/a
    echo two >>docs/a
    echo three >docs/new/b
    same() { diff -q -r docs "copies/docs"; } >/dev/null 2>&1
    within same
    echo four >>docs/new/b
    within same
}

@test "manual: keep a log" {
    mkdir etc
    example doc/pywatch.1 log
    ready
    mkdir etc/new
    rmdir etc/new
    within grep -q 'DELETE,ISDIR etc/new' etc.log
    grep -q -E '^[0-9-]{10} [0-9:]{8} CREATE,ISDIR etc/new$' etc.log
    [[ ! -s $OUT ]]
}

@test "manual: move each upload away when it is finished" {
    require jq
    mkdir inbox 'done'
    echo old >inbox/old
    example doc/pywatch.1 uploads
    ready
    within test -e done/old
    exec 9>inbox/slow
    echo first >&9
    echo new >'inbox/two words'
    within test -e 'done/two words'
    [[ -e inbox/slow ]]
    exec 9>&-
    within test -e done/slow
}

@test "manual: collect the first three files" {
    mkdir inbox
    example doc/pywatch.1 three
    ready
    mkdir inbox/directory
    touch inbox/plain inbox/'two words' inbox/$'new\nline' inbox/fourth
    finish
    expect_status 0
    expect_output 'got plain' 'got two\ words' "got \$'new\\nline'"
}

@test "manual: watch what a list names" {
    mkdir sub
    touch a.conf 'sub/b c.conf' other
    example doc/pywatch.1 list
    ready
    echo text >other
    echo text >>'sub/b c.conf'
    chmod 600 a.conf
    within printed a.conf
    expect_output './sub/b c.conf MODIFY ' './a.conf ATTRIB '
}

@test "manual: wait until it is there, and until it is gone" {
    example doc/pywatch.1 follow
    within ready_again 1
    mkdir run
    touch run/server.sock
    within ready_again 2
    rm run/server.sock
    finish
    expect_status 0
    expect_output 'run/server.sock CREATE ' 'run/server.sock DELETE_SELF '
}

@test "manual: watch more while it runs" {
    mkdir -p src/old template/lib
    touch template/{a,lib/b}
    example doc/pywatch.1 commands
    finish
    expect_status 0
    [[ $(jq -r 'select(.events[0] == "CREATE") | .path' copied.json | sort) == \
        $'src/new\nsrc/new/a\nsrc/new/lib\nsrc/new/lib/b' ]]
    [[ ! -s $OUT ]]
}

@test "manual: act on the status" {
    touch lock
    example doc/pywatch.1 status
    ready
    rm lock
    finish
    expect_output "lock DELETE_SELF " "the lock is gone"
    touch lock
    example doc/pywatch.1 status '-t 5' '-t 0.05'
    finish
    expect_output "still locked"
    rm lock
    example doc/pywatch.1 status
    finish
    expect_output "no lock"
}

# ---- all of them

# named FILE: the names of its examples; "(none)" for one that has no name.
named() {
    case $1 in
    README.md)
        awk '/^```sh/ { print name; name = "(none)" }
             /^<!-- example: / { name = $3; next }
             !/^```sh/ { name = "(none)" }' "$top/README.md"
        ;;
    *)
        awk '/^\.Sh / { inside = /EXAMPLES/; name = "(none)" }
             inside && $1 == ".Bd" { print name; name = "(none)"; next }
             inside && $1 == ".\\\"" && $2 == "example:" { name = $3; next }
             inside { name = "(none)" }' "$top/$1"
        ;;
    esac
}

@test "each example has a test" {
    for file in README.md doc/pywatch.1; do
        [[ $(named "$file" | wc -l) -ge 5 ]]
        diff <(named "$file" | sort) \
            <(sed -n "s,^ *example $file \([a-z]*\).*,\1,p" "$BATS_TEST_FILENAME" | sort -u)
    done
}
