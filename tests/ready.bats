#!/usr/bin/env bats
# --ready-fd and $NOTIFY_SOCKET: whoever starts pywatch learns when all watches are in place.

load helpers

# managed ADDRESS ARGUMENT...: pywatch under a service manager, whose notes are in the file notes.
managed() {
    : >notes
    RUN=(python3 "$LIB/manager.py" notes "$1" "${RUN[@]}")
    shift
    begin "$@"
}

noted() { grep -q -F -e "$1" notes; }

@test "--ready-fd: a newline and the end of file, when all is watched and not before" {
    mkdir d/{1..5}
    mkfifo ready
    exec {both}<>ready
    exec {to}>ready
    exec {from}<ready {both}>&-
    begin -m -r -q -e create --ready-fd "$to" d
    exec {to}>&-
    got=$(timeout 20 od -An -c <&"$from" | tr -d ' ')
    [[ $got == '\n' ]]
    # Told of at once means watched before that.
    touch d/5/a
    within printed 'd/5/ CREATE a'
    [[ ! -e /proc/$PID/fd/$to ]]
}

@test "--ready-fd: closed without a newline where something cannot be watched" {
    exec {to}> >(od -An -c >got)
    reader=$!
    finished --ready-fd "$to" missing d
    exec {to}>&-
    expect_status 1
    within eval "! kill -0 $reader 2>/dev/null"
    [[ ! -s got ]]
}

@test "--ready-fd: what is no descriptor to write to is an error at start" {
    for bad in 1 2 0 -1 x '' 99999999999 ' 4'; do
        finished --ready-fd "$bad" d
        expect_error '--ready-fd: ' "'$bad'" 'accepted: the number, from 3 on, of a descriptor'
    done
    finished --ready-fd 77 d
    expect_error "pywatch: --ready-fd: '77' is not open; accepted:"
    exec {from}</dev/null
    finished --ready-fd "$from" d
    expect_error "pywatch: --ready-fd: '$from' is not open for writing; accepted:"
    exec {from}<&-
}

@test "--ready-fd: a reader that has gone, and a pipe that is full, do no harm" {
    mkfifo ready
    exec {both}<>ready
    exec {to}>ready {both}>&-
    start -m -e create --ready-fd "$to" d
    exec {to}>&-
    said "cannot write to descriptor $to (--ready-fd): Broken pipe"
    sentinel d
    stop

    exec {both}<>ready
    timeout 1 dd if=/dev/zero of=ready bs=65536 count=1 2>/dev/null
    start -m -e create --ready-fd "$both" d
    said "cannot write to descriptor $both (--ready-fd): No buffer space available"
    sentinel d
    exec {both}>&-
}

@test "--ready-fd with -d: from what goes on in the background" {
    exec {to}> >(od -An -c >got)
    reader=$!
    finished -d -q -t 30 -e create -n 1 -o log --ready-fd "$to" d
    exec {to}>&-
    expect_status 0
    within eval "! kill -0 $reader 2>/dev/null"
    [[ $(tr -d ' ' <got) == '\n' ]]
    touch d/a
    within grep -q CREATE log
}

@test "NOTIFY_SOCKET: READY=1 when all is watched, STOPPING=1 at the end" {
    mkdir d/{1..5}
    managed "$PWD/socket" -m -r -q -e create d
    within noted READY=1
    touch d/5/a
    within printed 'd/5/ CREATE a'
    read -r pid rest < <(grep READY notes)
    [[ $rest == 'READY=1 | STATUS=Watching 6 files or directories.' ]]
    [[ $(readlink "/proc/$pid/exe") == "$PYWATCH" ]]
    [[ $(grep -c STOPPING notes) == 0 ]]
    stop
    noted "$pid STOPPING=1"
    [[ $(tail -n 1 notes) == 'ended -15' ]]
    [[ ! -s $ERR ]]
}

@test "NOTIFY_SOCKET: an abstract socket, and the end that comes of itself" {
    managed "@pywatch-test-$$-$RANDOM" -q -n 1 -e create d
    within noted READY=1
    touch d/a
    finish
    expect_status 0
    [[ $(cut -d ' ' -f 2- notes) == $'listening\nREADY=1 | STATUS=Watching 1 file or directory.\nSTOPPING=1\n0' ]]
}

@test "NOTIFY_SOCKET: nothing is sent where something cannot be watched" {
    managed "$PWD/socket" -q d missing
    finish
    expect_status 1
    [[ $(cat notes) == $'listening\nended 1' ]]
}

@test "NOTIFY_SOCKET: what cannot be reached is a warning, once, and no reason to end" {
    long=/$(printf 'x%.0s' {1..120})
    for address in "$PWD/nobody" "@pywatch-nobody-$$" relative vsock:2:3 "$long"; do
        RUN=(env "NOTIFY_SOCKET=$address")
        start -m -e create d
        [[ $(grep -c -F 'pywatch: cannot notify the service manager at ' "$ERR") == 1 ]]
        said "$address (\$NOTIFY_SOCKET): "
        sentinel d
        stop
        [[ $(grep -c -F NOTIFY_SOCKET "$ERR") == 1 ]]
    done
    RUN=(env NOTIFY_SOCKET=)
    start -m -e create d
    [[ $(grep -c -F NOTIFY_SOCKET "$ERR") == 0 ]]
}

@test "doc/examples/pywatch.service: its command, run as systemd would" {
    unit=${top_srcdir:-$BATS_TEST_DIRNAME/..}/doc/examples/pywatch.service
    grep -q -x Type=notify "$unit"
    read -r -a command < <(sed -n 's/^ExecStart=//p' "$unit")
    [[ ${command[0]} == /usr/bin/pywatch && ${command[-1]} == /etc ]]
    managed "$PWD/socket" "${command[@]:1:${#command[@]}-2}" d
    within noted READY=1
    touch d/a
    within printed '"path":"d/a"'
    jq -e '.events' "$OUT" >/dev/null
    stop
    noted STOPPING=1
}

@test "doc/examples/pywatch.service: systemd finds nothing wrong with it" {
    require systemd-analyze
    unit=${top_srcdir:-$BATS_TEST_DIRNAME/..}/doc/examples/pywatch.service
    mkdir units
    # Neither the program nor its manual page need be installed for the test.
    sed -e "s|/usr/bin/pywatch|$PYWATCH|" -e /^Documentation/d "$unit" >units/pywatch.service
    run systemd-analyze verify "$PWD/units/pywatch.service"
    [[ $status == 0 && -z $output ]] || fail "$output"
    echo Typ=notify >>units/pywatch.service
    run systemd-analyze verify "$PWD/units/pywatch.service"
    [[ -n $output ]] || fail "it would find nothing anyway"
}
