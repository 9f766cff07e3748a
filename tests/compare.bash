# compare.bash - runs inotifywait and pywatch on the same actions, and holds the results together.
#
# shellcheck shell=bash
#
# Owns: the directories of both sides, what each printed and how it ended. Must not know: what any
# one test is about. A test defines `prepare`, which fills the current directory, and `act`, which
# does there what is to be reported; then it calls `compare` with a command line. All paths are
# relative and each side has a current directory of its own, so the bytes must be equal as they are.
#
# Only stdout and the status are compared. A monitor is ended by SIGTERM when it has told all: the
# status 143 on both sides says that both would have gone on.

load helpers

# pywatch is run under both names; a test of what only one of them does says so here.
# shellcheck disable=SC2034
NAMES=(inotifywait pywatch)
FROZEN=0  # 1: stopped while `act` runs, so that what the kernel joins in its queue is the same
WAITS=0   # 1: it ends by itself, by a timeout, even when there is nothing left to read
QUIET=0   # 1: it does not say when it is ready
SILENT=0  # 1: nothing is to be printed; else that counts as a test that has shown nothing
sides=0

# The release that pywatch replaces; another one has other faults.
reference() {
    REFERENCE=${INOTIFYWAIT:-$(command -v inotifywait)} || skip "inotifywait is not installed"
    [[ $("$REFERENCE" --help) == 'inotifywait 3.22.'* ]] ||
        skip "inotifywait is not of release 3.22"
}

prepare() {
    mkdir d
    touch f
}

watches_any() { (($(watches))); }
# idle: as asleep, without a process for each look.
idle() {
    local stat

    { read -r stat <"/proc/$PID/stat"; } 2>/dev/null && [[ ${stat##*) } == S* ]]
}
told() { [[ $(<"$ERR") == *'Watches established.'* ]]; }
told_or_ended() { told || ended; }
ended_or_idle() { ended || idle; }

# soon COMMAND...: within, with shorter pauses: there are thousands of these waits.
soon() {
    local end=$((SECONDS + 20))

    until "$@"; do
        if ((SECONDS >= end)); then
            fail "waited in vain for: $*"
            return 1
        fi
        sleep 0.002
    done
}

# settle: until it has read all that has happened, or has ended. The kernel makes a reader runnable
# before the call that caused the record returns, so one that sleeps has read it; but pywatch may
# sleep for a quarter of a millisecond before it reads, in a burst. So it has to sleep twice.
settle() {
    soon ended_or_idle
    sleep 0.002
    soon ended_or_idle
}

# step COMMAND...: with nothing after it in the same read, so that equal records are not joined.
step() {
    "$@"
    settle
}

# put FILE TEXT, add FILE TEXT: the file, opened once and written to once.
put() { printf '%s' "$2" >"$1"; }
add() { printf '%s' "$2" >>"$1"; }
# look FILE: opened and closed, not read.
look() { : <"$1"; }

# side PROGRAM ARGUMENT...: one program; $OUT, $ERR and $STATUS are what came of it.
side() {
    local place=$BATS_TEST_TMPDIR/side.$((++sides)) PYWATCH=$1

    # bats looks at each command of each function, which takes ten times as long as the command.
    set +T
    OUT=$place.out
    ERR=$place.err
    shift
    mkdir "$place"
    cd "$place" || return 1
    prepare
    begin "$@"
    if ((QUIET)); then
        within watches_any
    else
        soon told_or_ended
        told || fail "it ended before it was ready"
    fi
    settle
    ((!FROZEN)) || freeze
    act
    ((!FROZEN)) || thaw
    ((WAITS)) || settle
    ((WAITS)) || ended || kill -TERM "$PID"
    soon ended
    STATUS=0
    wait "$PID" || STATUS=$?
    cd "$BATS_TEST_TMPDIR" || return 1
}

# under NAME: prints the path of pywatch under this name.
under() {
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$PYWATCH" "$BATS_TEST_TMPDIR/bin/$1"
    echo "$BATS_TEST_TMPDIR/bin/$1"
}

# theirs ARGUMENT...: inotifywait alone. ours ARGUMENT...: pywatch alone, as inotifywait.
theirs() {
    reference
    side "$REFERENCE" "$@"
}
ours() { side "$(under inotifywait)" "$@"; }

# alike: what has to be equal; a test replaces it where bytes differ by nature (cookies, times).
alike() { cat; }

# compare ARGUMENT...: the same stdout and status from both.
compare() {
    local expected status as

    theirs "$@"
    expected=$OUT
    status=$STATUS
    if ((SILENT)); then
        [[ ! -s $expected ]] || fail "inotifywait printed something: $*"
    else
        [[ -s $expected ]] || fail "inotifywait printed nothing, so nothing is shown: $*"
    fi
    for as in "${NAMES[@]}"; do
        side "$(under "$as")" "$@"
        cmp -s <(alike <"$expected") <(alike <"$OUT") || {
            diff -u --label inotifywait --label "$as" <(alike <"$expected" | cat -A) \
                <(alike <"$OUT" | cat -A) >&2
            fail "$as prints something else: $*"
        }
        [[ $STATUS == "$status" ]] ||
            fail "$as ends with status $STATUS, inotifywait with $status: $*"
    done
}
