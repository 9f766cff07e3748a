# helpers.bash - how the behaviour tests run pywatch and wait for it.
#
# shellcheck shell=bash
#
# Owns: the directory of a test, the processes and mounts that it leaves behind, all waiting. Must
# not know: what any one test is about.
#
# Nothing here sleeps and hopes. A test starts pywatch and waits for the line that says it is ready,
# acts, and then makes a sentinel: a file whose own record proves that everything before it has
# been read. Each wait looks again every 10 ms and gives up, with all that pywatch said, after 20 s.

PYWATCH=${PYWATCH:-$BATS_TEST_DIRNAME/../src/pywatch}
case $PYWATCH in
/*) ;;
*) PYWATCH=$PWD/$PYWATCH ;;
esac
LIB=$BATS_TEST_DIRNAME/lib
export PYWATCH LIB

# A record that is easy to compare: the events, and the whole path.
# shellcheck disable=SC2034
PLAIN=(--format '%e %w%f')

setup() {
    export LC_ALL=C TZ=UTC
    unset POSIXLY_CORRECT TERM
    OUT=$BATS_TEST_TMPDIR/out # what the pywatch of this test prints
    ERR=$BATS_TEST_TMPDIR/err
    IN=/dev/null
    RUN=() # put before $PYWATCH by begin and finished: setpriv, env, strace
    PID=
    STATUS=
    PIDS=()
    SESSIONS=() # whole process groups: scripts and their pipelines
    MOUNTS=()
    PLACES=()
    sentinels=0
    mkdir -p "$BATS_TEST_TMPDIR/work/d"
    cd "$BATS_TEST_TMPDIR/work" || return 1
}

teardown() {
    local it

    for it in "${SESSIONS[@]}"; do
        kill -KILL -- "-$it" 2>/dev/null && wait "$it" 2>/dev/null
    done
    for it in "${PIDS[@]}"; do
        kill -KILL "$it" 2>/dev/null && wait "$it" 2>/dev/null
    done
    cd /
    for it in "${MOUNTS[@]}"; do
        umount -l "$it" 2>/dev/null # many are unmounted already
    done
    for it in "${PLACES[@]}"; do
        rm -rf "$it"
    done
    return 0
}

# fail REASON: ends the test, with all that pywatch said.
fail() {
    {
        echo "$*"
        echo "--- stdout"
        tail -n 40 "$OUT" | cat -v
        echo "--- stderr"
        tail -n 40 "$ERR" | cat -v
        echo "---"
    } >&2
    return 1
}

# within COMMAND...: waits until the command succeeds.
within() {
    local end=$((SECONDS + 20))

    until "$@"; do
        if ((SECONDS >= end)); then
            fail "waited in vain for: $*"
            return 1
        fi
        sleep 0.01
    done
}

# ---- running

# begin ARGUMENT...: pywatch in the background, from $IN to $OUT and $ERR.
begin() {
    : >"$OUT"
    : >"$ERR"
    "${RUN[@]}" "$PYWATCH" "$@" <"$IN" >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
}

# begin_pipe READER ARGUMENT...: the same with an anonymous pipe as stdout, which the shell command
# READER reads; what that prints is in $OUT.
begin_pipe() {
    local reader=$1 pipe

    shift
    : >"$OUT"
    : >"$ERR"
    exec {pipe}> >(exec 3>&- >"$OUT" && eval "$reader")
    READER=$!
    PIDS+=("$READER")
    "${RUN[@]}" "$PYWATCH" "$@" <"$IN" >&"$pipe" 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
    exec {pipe}>&-
}

# begin_tty ARGUMENT...: the same with a terminal as stdout (and as stderr with PTY_STDERR=1); $OUT
# has the bytes that reach it.
begin_tty() {
    : >"$OUT"
    : >"$ERR"
    python3 "$LIB/pty.py" "$OUT" "${RUN[@]}" "$PYWATCH" "$@" <"$IN" 2>"$ERR" 3>&- &
    PID=$!
    PIDS+=("$PID")
}

ended() { ! kill -0 "$PID" 2>/dev/null; }
said() { grep -q -a -F -e "$1" -- "$ERR"; }
printed() { grep -q -a -F -e "$1" -- "$OUT"; }
said_or_ended() { said "$1" || ended; }
printed_or_ended() { printed "$1" || ended; }

# ready: until all watches are in place. Not for -q, which keeps silent about it: see watching.
ready() {
    within said_or_ended 'Watches established.'
    said 'Watches established.' || fail "pywatch ended before it was ready"
}

# start ARGUMENT...: begin, and wait until it is ready.
start() {
    begin "$@"
    ready
}

# watches: prints how many things the kernel watches for it. (An ended process has none.)
watches() { cat "/proc/$PID/fdinfo/"* 2>/dev/null | grep -c '^inotify ' || true; }
watches_are() { [[ $(watches) == "$1" ]]; }
# watching N: until it watches so many things.
watching() { within watches_are "$1"; }

# kilobytes KEY: of memory (VmRSS, VmHWM).
kilobytes() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$PID/status"; }

# frees: memory that it frees is not kept, as a sanitizer does to find mistakes. For what counts it.
frees() { ! grep -q __asan_init "$PYWATCH"; }

# lose DIR: makes more records of a directory in DIR than the queue holds.
lose() {
    python3 -c 'import os, sys
for i in range(int(open("/proc/sys/fs/inotify/max_queued_events").read()) // 2 + 10):
    os.mkdir(sys.argv[1] + "/x")
    os.rmdir(sys.argv[1] + "/x")' "$1"
}

# asleep: it waits for something, and all that was queued has been read. While records come thick
# and fast it also sleeps a quarter of a millisecond before it reads: so two looks, further apart.
sleeping() { [[ $(cut -d ' ' -f 3 "/proc/$PID/stat") == S ]]; }
asleep() { sleeping && sleep 0.01 && sleeping; }

# finish: waits for its end; $STATUS is how it ended.
finish() {
    within ended
    STATUS=0
    wait "$PID" || STATUS=$?
}

# stop [SIGNAL]: ends it.
stop() {
    kill -"${1:-TERM}" "$PID"
    finish
}

# finished ARGUMENT...: runs pywatch to its end, which must come by itself.
finished() {
    begin "$@"
    finish
}

expect_status() {
    [[ $STATUS == "$1" ]] || fail "it ended with status $STATUS instead of $1"
}

# ---- records

# sentinel DIRECTORY [NAME]: until everything that has happened before has been printed. The file
# makes CREATE, OPEN, MODIFY, CLOSE_WRITE, ATTRIB and DELETE: at least one has to be asked for.
sentinel() {
    local name=${2:-.sentinel.$((++sentinels))}

    echo >"$1/$name"
    touch "$1/$name"
    rm "$1/$name"
    within printed_or_ended "$name"
    printed "$name" || fail "pywatch ended before the sentinel $name"
}

# sentinel_dir DIRECTORY: the same with a directory.
sentinel_dir() {
    local name=.sentinel.$((++sentinels))

    mkdir "$1/$name"
    rmdir "$1/$name"
    within printed_or_ended "$name"
    printed "$name" || fail "pywatch ended before the sentinel $name"
}

# records: what was printed but for the sentinels, one record a line. Not only what stands before
# the sentinel: what pywatch infers from a listing may come after records that are older.
records() { grep -a -v -F .sentinel. "$OUT" || true; }

# expect_records LINE...: exactly these records, in this order.
expect_records() {
    diff -u --label expected --label printed <(((!$#)) || printf '%s\n' "$@") <(records) >&2 ||
        fail "other records than expected"
}

# expect_output LINE...: the whole output.
expect_output() {
    diff -u --label expected --label printed <(((!$#)) || printf '%s\n' "$@") "$OUT" >&2 ||
        fail "other output than expected"
}

# expect_error WORD...: the whole of stderr is one line which holds each WORD, stdout is empty, the
# status 1. For use with -q, or where it ends before it sets up any watch.
expect_error() {
    local word

    expect_status 1
    [[ ! -s $OUT ]] || fail "there is something on stdout"
    [[ $(wc -l <"$ERR") == 1 && -z $(tail -c 1 "$ERR") ]] || fail "stderr is not one line"
    for word; do
        said "$word" || fail "stderr does not say: $word"
    done
}

# ---- surroundings

# freeze, thaw: stops it for a while, so that what happens meanwhile waits in the kernel's queue.
frozen() { [[ $(cut -d ' ' -f 3 "/proc/$PID/stat") == [Tt] ]]; }
freeze() {
    kill -STOP "$PID"
    within frozen
}
thaw() { kill -CONT "$PID"; }

# Creates $2 empty files in $1, fast.
fill() {
    seq -f "$1/%.0f" "$2" | xargs -n 2000 touch
}

require() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# For a shell in a mount namespace of its own: lets go of what other tests have mounted. As long as it
# is mounted anywhere, no umount of theirs is one to the kernel.
# shellcheck disable=SC2016,SC2034
LET_GO='awk '\''$1 == "pywatch-test" { print $2 }'\'' /proc/self/mounts | xargs -r umount -l 2>/dev/null'

# mount_tmpfs DIRECTORY: skips the test where it may not mount.
mount_tmpfs() {
    mount -t tmpfs -o size=1m pywatch-test "$1" 2>/dev/null || skip "mounting is not permitted"
    MOUNTS+=("$PWD/$1")
}

# mount_fuse DIRECTORY: an empty FUSE file system; skips the test where it may not mount.
mount_fuse() {
    require python3
    python3 "$LIB/fuse.py" "$1" >"$BATS_TEST_TMPDIR/fuse" 2>&1 3>&- &
    PIDS+=("$!")
    MOUNTS+=("$PWD/$1")
    within test -s "$BATS_TEST_TMPDIR/fuse"
    [[ $(<"$BATS_TEST_TMPDIR/fuse") == mounted ]] || skip "FUSE cannot be mounted"
}

# unprivileged: from now on pywatch runs as a user for whom file modes hold. The directory of the
# test can be reached by no other user, so pywatch is given relative paths, and copied.
unprivileged() {
    local place

    ((EUID == 0)) || return 0
    require setpriv
    place=$(mktemp -d)
    PLACES+=("$place")
    chmod 755 "$place"
    cp "$PYWATCH" "$place/pywatch"
    PYWATCH=$place/pywatch
    RUN=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${RUN[@]}" test -x "$PYWATCH" || skip "another user cannot reach $place"
}

# limited LIMIT VALUE: from now on pywatch runs in a user namespace with this limit of its own.
limited() {
    local file=/proc/sys/user/$1

    unshare -Ur sh -c "echo $2 >$file" 2>/dev/null || skip "no user namespace with limits of its own"
    # shellcheck disable=SC2016
    RUN=(unshare -Ur sh -c 'echo "$1" >"$0" && shift && exec "$@"' "$file" "$2")
}
