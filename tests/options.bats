#!/usr/bin/env bats
# What each option does, where no other file is about it.

load helpers

# ---- how much is said

@test "without -q: two lines on stderr, with -r a warning that it takes a while" {
    start d
    [[ $(cat "$ERR") == $'Setting up watches.\nWatches established.' ]]
    stop
    start -r d
    [[ $(cat "$ERR") == 'Setting up watches.  Beware: since -r was given, this may take a while!
Watches established.' ]]
}

@test "-q: records, and nothing on stderr" {
    begin -q -r "${PLAIN[@]}" -e create d
    watching 1
    touch d/f
    finish
    expect_status 0
    expect_output 'CREATE d/f'
    [[ ! -s $ERR ]]
}

@test "-qq: nothing at all, and the status tells" {
    begin -qq -e create d
    watching 1
    touch d/f
    finish
    expect_status 0
    [[ ! -s $OUT && ! -s $ERR ]]
}

@test "-v: watches that come and go, and what is filtered away with the reason" {
    mkdir d/a
    start -m -r -v -e create --exclude '[.]tmp$' --type f "${PLAIN[@]}" d
    said 'watching d/a'
    touch d/f.tmp
    mkdir d/b
    within said 'watching d/b'
    rmdir d/b
    touch d/f
    within said 'no longer watching d/b'
    sentinel d
    expect_records 'CREATE d/f'
    grep -q 'CREATE d/f.tmp: .*--exclude' "$ERR"
    grep -q 'CREATE,ISDIR d/b: .*--type' "$ERR"
    grep -q 'DELETE,ISDIR d/b: .*--event' "$ERR"
}

@test "--help and -h: status 0, all on stdout" {
    for option in --help -h; do
        finished "$option"
        expect_status 0
        [[ ! -s $ERR ]]
        printed 'Usage: pywatch [OPTION]... PATH...'
        printed '--max-depth N'
        printed 'MOVED_FROM'
        printed '%Xe'
        [[ $(wc -L <"$OUT") -le 79 ]]
    done
}

@test "-V: version and licence, status 0" {
    for option in --version -V; do
        finished "$option"
        expect_status 0
        [[ ! -s $ERR ]]
        grep -q '^pywatch [0-9]' "$OUT"
        printed MIT
    done
}

# ---- how long

@test "-t: status 2 after so long without an event, no sooner, and not a word" {
    before=$EPOCHREALTIME
    finished -q -t 0.3 d
    after=$EPOCHREALTIME
    expect_status 2
    [[ ! -s $OUT && ! -s $ERR ]]
    ((${after/./} - ${before/./} >= 300000))
}

@test "-t with -m: status 2, even if there were events before" {
    start -m -t 0.5 "${PLAIN[@]}" -e create d
    mkdir d/s
    finish
    expect_status 2
    expect_output 'CREATE,ISDIR d/s'
}

@test "-t takes whole seconds and fractions" {
    for time in 1 .1 0.000000001 00.05; do
        finished -q -t "$time" d
        expect_status 2
    done
}

@test "-t zero or less: never" {
    for time in 0 -1 0.0 -0.5; do
        start -t "$time" "${PLAIN[@]}" -e create d
        rm -f d/f
        touch d/f
        finish
        expect_status 0
        expect_output 'CREATE d/f'
    done
}

@test "-t counts from the last printed record" {
    # If the machine is so slow that the time is up before the record, it says nothing: again.
    for try in 1 2 3 4 5; do
        rm -rf d/s
        start -m -t 1.5 -e create "${PLAIN[@]}" d
        begun=${EPOCHREALTIME/./}
        until ((${EPOCHREALTIME/./} - begun > 300000)); do
            sleep 0.01
        done
        made=${EPOCHREALTIME/./}
        mkdir d/s
        finish
        over=${EPOCHREALTIME/./}
        expect_status 2
        [[ -s $OUT ]] && break
    done
    expect_output 'CREATE,ISDIR d/s'
    ((over - made >= 1500000)) || fail "it ended $((over - made)) us after the record"
}

@test "-t is not put off by records that were filtered away" {
    touch d/f
    start -m -t 0.5 -e attrib --exclude 'f$' d
    until ended; do
        touch d/f
        ((SECONDS < 20)) || fail "it is still there"
    done
    finish
    expect_status 2
    [[ ! -s $OUT ]]
}

@test "exit status 0: an event that was asked for" {
    touch f
    start -e attrib,delete_self f
    rm f
    finish
    expect_status 0
}

@test "exit status 1: an event that was not asked for ended the run" {
    touch f
    start -e modify f
    rm f
    finish
    expect_status 1
    [[ ! -s $OUT ]]
    mount_tmpfs d
    start -e modify d
    umount d
    finish
    expect_status 1
    [[ ! -s $OUT ]]
}

# ---- how records look

@test "-c: fields, and three of them always" {
    touch f
    start -m -c f d
    touch d/a d/b,c
    mv d/a 'd/"'
    chmod 600 f
    within printed 'f,ATTRIB,'
    stop
    [[ $(grep -a -v -e OPEN -e d/,ATTRIB "$OUT") == 'd/,CREATE,a
d/,"CLOSE_WRITE,CLOSE",a
d/,CREATE,"b,c"
d/,"CLOSE_WRITE,CLOSE","b,c"
d/,MOVED_FROM,a
d/,MOVED_TO,""""
f,ATTRIB,' ]]
}

@test "--format: %w %f %p %e %%, and text as it is" {
    touch f
    start -m --format '[%w|%f|%p|%e|%%|\n|ü]' -e create,attrib f d
    mkdir d/s
    chmod 600 f
    within printed '[f'
    stop
    expect_output '[d/|s|d/s|CREATE,ISDIR|%|\n|ü]' '[f||f|ATTRIB|%|\n|ü]'
}

@test "--format: %Xe joins with any character" {
    start -m --format '%:e %|e % e %.e %%e %,e %fe' -e create d
    mkdir d/s
    sentinel_dir d
    expect_records 'CREATE:ISDIR CREATE|ISDIR CREATE ISDIR CREATE.ISDIR %e CREATE,ISDIR se'
}

@test "--format: %o, the path that a MOVED_TO came from" {
    mkdir -p d/a
    touch d/a/f in
    start -m -r --format '%e %p<%o>' -e move,create d
    mv d/a/f d/g
    mv in d/in
    sentinel d
    expect_records 'MOVED_FROM d/a/f<>' 'MOVED_TO d/g<d/a/f>' 'MOVED_TO d/in<>'
}

@test "--format: %c, the cookie of both halves in hex" {
    touch d/a
    start -m --format '%c %e' -e move,create d
    mv d/a d/b
    touch d/c
    within printed ' CREATE'
    stop
    cookie=$(head -n 1 "$OUT" | cut -d ' ' -f 1)
    [[ $cookie =~ ^[0-9a-f]+$ && $cookie != 0 ]]
    expect_output "$cookie MOVED_FROM" "$cookie MOVED_TO" '0 CREATE'
}

@test "--format: %d %m %s, watch descriptor, mask, number" {
    mkdir e
    start -m --format '%d %m %s %f' -e create,delete --exclude hidden d e
    mkdir d/a
    touch d/hidden
    touch e/b
    rmdir d/a
    sentinel d
    expect_records '1 0x40000100 1 a' '2 0x100 2 b' '1 0x40000200 3 a'
}

@test "--format: %T by --timefmt, in local time" {
    export TZ=XYZ-14
    start -m --format '%T|%f' --timefmt '%Y %z %s' -e create d
    before=$(date +%s)
    mkdir d/s
    sentinel_dir d
    after=$(date +%s)
    [[ $(records) =~ ^20[0-9][0-9]\ \+1400\ ([0-9]+)\|s$ ]]
    ((BASH_REMATCH[1] >= before && BASH_REMATCH[1] <= after))
}

@test "--format: --timefmt of any length" {
    long=$(printf 'x%.0s' {1..5000})
    start -m --format '%T' --timefmt "$long" -e create d
    mkdir d/s
    within grep -qx "$long" "$OUT"
}

@test "--format: %n %0" {
    start -n 1 --format 'a%nb%0c' -e create d
    mkdir d/s
    finish
    [[ $(tr '\0' @ <"$OUT") == $'a\nb@c' ]]
}

@test "--format: the empty one prints empty lines" {
    start -n 2 --format '' -e create d
    mkdir d/a d/b
    finish
    [[ $(od -An -c "$OUT" | tr -d ' ') == '\n\n' ]]
}

@test "JSON: seq counts what was printed, time is when it was read" {
    start -m --json -e create --exclude hidden d
    before=$(date -u +%FT%T.%6NZ)
    mkdir d/a d/hidden d/b
    sentinel_dir d
    after=$(date -u +%FT%T.%6NZ)
    [[ $(records | jq .seq) == $'1\n2' ]]
    records | jq -e --arg from "$before" --arg to "$after" '.time >= $from and .time <= $to'
}

@test "JSON: watch and name, and path without name for the watched thing itself" {
    touch f
    start -m --json -e create,attrib f d/
    mkdir d/s
    chmod 600 f
    within printed ATTRIB
    chmod 700 d
    within printed '"path":"d"'
    stop
    diff -u - <(jq -c '[.path, .watch, .name]' "$OUT") <<'END'
["d/s","d/","s"]
["f","f",null]
["d","d/",null]
END
}

@test "--color: by itself only on a terminal, always and never as said" {
    start -m -e create d
    mkdir d/1
    sentinel_dir d
    [[ $(records) == 'd/ CREATE,ISDIR 1' ]]
    stop
    for option in --color --color=always; do
        rmdir d/*
        start -m -e create "$option" d
        mkdir d/1
        sentinel_dir d
        grep -q $'\e\[' <(records)
        [[ $(records | sed 's/\x1b\[[0-9;]*m//g') == 'd/ CREATE,ISDIR 1' ]]
        stop
    done
    rmdir d/*
    begin_tty -m -e create d
    ready
    mkdir d/1
    sentinel_dir d
    grep -q $'\e\[' "$OUT"
    stop
    rmdir d/*
    begin_tty -m -e create --color=never d
    ready
    mkdir d/1
    sentinel_dir d
    [[ $(records) =~ ^[0-9:]{8}\ CREATE,ISDIR\ +d/1$ ]]
}

@test "on a terminal the paths stand in a column" {
    touch f
    begin_tty -m --color=never -e create,close_write,move_self d f
    ready
    touch d/a
    mkdir d/b
    mv f g
    within printed MOVE_SELF
    stop
    [[ $(cut -c 10- "$OUT") == 'CREATE            d/a
CLOSE_WRITE,CLOSE d/a
CREATE,ISDIR      d/b
MOVE_SELF         f' ]]
}

# ---- which records

@test "--exclude: any that matches drops it; the path is %w%f" {
    start -m --exclude 'a$' --exclude '^d/b' "${PLAIN[@]}" -e create d
    mkdir d/a d/b d/bb d/c d/ab
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/c' 'CREATE,ISDIR d/ab'
}

@test "--include: one that matches is enough" {
    start -m --include 'a$' --include '^d/b' --include sentinel "${PLAIN[@]}" -e create d
    mkdir d/a d/b d/bb d/c d/ca
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/a' 'CREATE,ISDIR d/b' 'CREATE,ISDIR d/bb' 'CREATE,ISDIR d/ca'
}

@test "--include and --exclude together: both hold" {
    start -m --include 'a' --include sentinel --exclude 'b' "${PLAIN[@]}" -e create d
    mkdir d/a d/ab d/b d/c
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/a'
}

@test "--excludei, --includei: upper and lower case alike, beside the others" {
    start -m --excludei 'x' --exclude 'y' "${PLAIN[@]}" -e create d
    mkdir d/x d/X d/y d/Y
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/Y'
    stop
    rmdir d/*
    start -m --includei 'x' --include 'y|sentinel' "${PLAIN[@]}" -e create d
    mkdir d/x d/X d/y d/Y
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/x' 'CREATE,ISDIR d/X' 'CREATE,ISDIR d/y'
}

@test "the expressions are POSIX extended ones" {
    start -m --include '/(a|b){2}[[:digit:]]+$|sentinel' "${PLAIN[@]}" -e create d
    mkdir d/ab1 d/ab d/aba1 d/bb22
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/ab1' 'CREATE,ISDIR d/bb22'
}

@test "filters decide what is printed, never how far -r descends" {
    mkdir d/hidden
    start -m -r --exclude 'hidden$' --include 'f$|hidden|sentinel' "${PLAIN[@]}" -e create d
    touch d/hidden/f
    mkdir -p d/new/hidden
    touch d/new/hidden/f
    sentinel d
    expect_records 'CREATE d/hidden/f' 'CREATE d/new/hidden/f'
}

@test "--type f, --type d, both" {
    touch f
    start -m --type f "${PLAIN[@]}" -e create,attrib d f
    mkdir d/s
    touch d/f
    chmod 700 d
    chmod 600 f
    sentinel d
    expect_records 'CREATE d/f' 'ATTRIB d/f' 'ATTRIB f'
    stop
    rm -r d/*
    start -m --type d "${PLAIN[@]}" -e create,attrib d f
    mkdir d/s
    touch d/f
    chmod 755 d
    chmod 644 f
    sentinel_dir d
    expect_records 'CREATE,ISDIR d/s' 'ATTRIB,ISDIR d/'
    stop
    rm -r d/*
    start -m --type f,d "${PLAIN[@]}" -e create d
    mkdir d/s
    touch d/f
    sentinel d
    expect_records 'CREATE,ISDIR d/s' 'CREATE d/f'
}

@test "--ignore without -r: not reported" {
    start -m --ignore '*.o' --ignore '.git' "${PLAIN[@]}" -e create,move d
    touch d/a.o d/.git d/a.c
    mv d/a.o d/b.o
    sentinel d
    expect_records 'CREATE d/a.c'
}

# ---- what is watched

@test "--fromfile: paths to the last byte, blank lines, @PATH" {
    mkdir -p ' a ' b/out b/in 'no newline'
    printf ' a \n\nb\n@b/out\nno newline' >list
    start -m -r --fromfile list "${PLAIN[@]}" -e create d
    touch ' a /1' b/out/2 b/in/3 'no newline/4' d/5
    sentinel d
    [[ $(records | sort) == 'CREATE  a /1
CREATE b/in/3
CREATE d/5
CREATE no newline/4' ]]
}

@test "--fromfile -: standard input" {
    printf 'd\n' >list
    IN=list
    start -m --fromfile - "${PLAIN[@]}" -e create
    touch d/f
    sentinel d
    expect_records 'CREATE d/f'
}

@test "--fromfile: 1,000 paths, and a line of any length" {
    mkdir -p many/{1..1000}
    long=$(printf '/.%.0s' {1..1500})
    {
        printf 'many/%d\n' {1..1000}
        printf 'd%s\n' "$long"
    } >list
    start -m --fromfile list "${PLAIN[@]}" -e create
    touch many/1000/f d/f
    sentinel d
    expect_records 'CREATE many/1000/f' "CREATE d$long/f"
}

@test "--fromfile with a NUL byte is an error that tells the line" {
    printf 'd\nx\0y\n' >list
    finished --fromfile list
    expect_error list 'line 2' NUL
}

@test "a FIFO, a socket, a device can be watched" {
    mkfifo fifo
    start -m "${PLAIN[@]}" -e attrib,create fifo d
    chmod 600 fifo
    sentinel d
    expect_records 'ATTRIB fifo'
}

# ---- how it is called

@test "options after paths" {
    start d -m --format '%f' -e create
    touch d/f
    sentinel d
    expect_records f
}

@test "clustered short options, with a value at the end" {
    begin -mrqe create d
    watching 1
    touch d/f
    sentinel d
    expect_records 'd/ CREATE f'
    stop
    start -cn1 -ecreate d
    touch d/g
    finish
    expect_output 'd/,CREATE,g'
}

@test "abbreviated long options, with = and without" {
    start --mon --rec --ev=create --form '%w%f' --timeo 20 d
    touch d/f
    sentinel d
    expect_records d/f
    stop
    # --count and --color are not inotifywait's, so --c still is --csv.
    start --c -n1 -e create d
    touch d/g
    finish
    expect_output 'd/,CREATE,g'
}

@test "--opt=value and --opt value; the last of those that hold one value" {
    start --count=1 --format=%w --format %f --event=create d
    touch d/f
    finish
    expect_output f
}

@test "-- ends the options" {
    mkdir ./-m
    start -m "${PLAIN[@]}" -e create -- -m
    touch ./-m/f
    sentinel ./-m
    expect_records 'CREATE -m/f'
}

@test "POSIXLY_CORRECT: the first path ends the options" {
    POSIXLY_CORRECT=1 finished -q d -m
    expect_error "Couldn't watch -m"
    mkdir ./-m
    POSIXLY_CORRECT=1 start -n 1 "${PLAIN[@]}" -e create d -m
    touch ./-m/f
    finish
    expect_output 'CREATE -m/f'
}

@test "-I is understood, and changes nothing" {
    start -I -m "${PLAIN[@]}" -e create d
    touch d/f
    sentinel d
    expect_records 'CREATE d/f'
}

# ---- under the name inotifywait

as_inotifywait() {
    ln -s "$PYWATCH" "$BATS_TEST_TMPDIR/inotifywait"
    PYWATCH=$BATS_TEST_TMPDIR/inotifywait
}

@test "inotifywait: --help has status 1, its first lines and its options" {
    as_inotifywait
    finished --help
    expect_status 1
    [[ ! -s $ERR ]]
    [[ $(sed -n 1p "$OUT") =~ ^inotifywait\ [0-9.]+$ ]]
    [[ $(sed -n 2,4p "$OUT") == 'Wait for a particular event on a file or set of files.
Usage: inotifywait [ options ] file1 [ file2 ] [ file3 ] [ ... ]
Options:' ]]
    for option in --csv --recursive --exclude; do
        grep -F -q -- "$option" "$OUT"
    done
}

@test "inotifywait: an unknown conversion is printed as it is" {
    as_inotifywait
    start --format '%q %w %' -e create d
    touch d/f
    finish
    expect_output '%q d/ %'
}

@test "inotifywait: -e '' means all" {
    as_inotifywait
    for list in '' 'create,'; do
        start "${PLAIN[@]}" -e "$list" d
        chmod 700 d
        finish
        expect_output 'ATTRIB,ISDIR d/'
        chmod 755 d
    done
}

@test "inotifywait: diagnostics bear that name, or none where it has none" {
    as_inotifywait
    finished --bogus d
    expect_error "$PYWATCH: unrecognized option '--bogus'"
    finished -Z d
    expect_error "$PYWATCH: invalid option -- 'Z'"
    finished -q missing
    expect_error "Couldn't watch missing: No such file or directory"
    grep -q "^Couldn't" "$ERR"
    finished -e create,bogus d
    expect_error "'create,bogus' is not a valid event!  Run with the '--help' option to see a list of events."
    finished -t x d
    expect_status 1
    [[ $(cat "$ERR") == $'\'x\' is not a valid timeout value.\nPlease specify a long int value.' ]]
    finished -q --exclude '(' d
    expect_error "Error in \`exclude' regular expression."
    finished
    expect_error 'No files specified to watch!'
    touch f
    start -m -e modify f
    rm f
    finish
    expect_status 1
    grep -q '^inotifywait: ' "$ERR"
}

@test "inotifywait: the limits, in its words" {
    as_inotifywait
    limited max_inotify_watches 0
    finished -q d
    expect_status 1
    [[ $(cat "$ERR") == "Failed to watch d; upper limit on inotify watches reached!
Please increase the amount of inotify watches allowed per user via \`/proc/sys/fs/inotify/max_user_watches'." ]]
    limited max_inotify_instances 0
    finished d
    expect_status 1
    [[ $(cat "$ERR") == "Couldn't initialize inotify: Too many open files
Try increasing the value of /proc/sys/fs/inotify/max_user_instances" ]]
}
