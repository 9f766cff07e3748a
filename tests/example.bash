# example.bash - the scripts of doc/examples, run by tests. To be loaded after helpers.

EXAMPLES=$(cd "${top_srcdir:-$BATS_TEST_DIRNAME/..}" && pwd)/doc/examples

# example NAME ARGUMENT...: the script with this pywatch, in the background.
example() {
    local name=$1

    shift
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$PYWATCH" "$BATS_TEST_TMPDIR/bin/pywatch"
    : >"$OUT"
    : >"$ERR"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH setsid "$EXAMPLES/$name" "$@" </dev/null >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
    SESSIONS+=("$PID")
}

# copies NAME VERSION...: until the backup in `to` has these copies, and no more.
has_copy() { [[ -f $1 && $(<"$1") == "$2" ]]; }
copies() {
    local name=$1 i=0 version

    shift
    for version; do
        within has_copy "to/$name.$((++i))" "$version"
    done
    [[ ! -e to/$name.$((i + 1)) ]] || fail "there is one copy of $name too many"
}
