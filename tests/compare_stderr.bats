#!/usr/bin/env bats
# What inotifywait says on stderr, how it ends, and what it prints where it is told something that
# it does not do: byte for byte what pywatch says and does under that name. What it says where
# pywatch goes on is in compare_differs.bats.

load compare

# started PROGRAM ARGUMENT...: from its start until it has ended, or is ready and so is ended. Both
# are called by the same name, which getopt(3) puts into its messages.
started() {
    local program=$1

    shift
    # shellcheck disable=SC2016
    RUN=("${BEFORE[@]}" bash -c 'exec -a "$0" "$@"' "${NAME:-inotifywait}")
    PYWATCH=$program begin "$@"
    soon told_or_ended
    ended || kill -TERM "$PID"
    soon ended
    STATUS=0
    wait "$PID" || STATUS=$?
}

# same ARGUMENT...: both say the same on both streams, and end alike.
same() {
    local status

    started "$REFERENCE" "$@"
    cp "$ERR" "$BATS_TEST_TMPDIR/their.err"
    cp "$OUT" "$BATS_TEST_TMPDIR/their.out"
    status=$STATUS
    [[ -s $ERR ]] || fail "inotifywait has said nothing: $*"
    started "$OURS" "$@"
    diff -u --label inotifywait --label pywatch "$BATS_TEST_TMPDIR/their.err" "$ERR" >&2 ||
        fail "other messages: $*"
    cmp "$BATS_TEST_TMPDIR/their.out" "$OUT" >&2 || fail "other output: $*"
    [[ $STATUS == "$status" ]] || fail "status $STATUS, inotifywait's $status: $*"
}

prepared() {
    set +T
    reference
    BEFORE=()
    OURS=$PYWATCH
    mkdir -p d/sub e
    touch f d/f log
}

@test "set-up: one path, many, with -r, with -m" {
    prepared
    same d
    same f
    same d f e d/
    same -m d
    same -r d
    same -r d f
    same -m -r d
    same -P -I d
    same -t 0 d
    same -t -1 d
    same -o log d
    same d d d/. ./d
}

@test "nothing to watch" {
    prepared
    same
    same -m
    same -r -e create
    same ''
    same '' ''
    same @d
    same @
    same -r @d @f
    same --fromfile /dev/null
    same d ''
    same '' d @
}

@test "what cannot be watched" {
    prepared
    ln -s nowhere dangling
    ln -s loop loop
    same missing
    same -r missing
    same -m missing/
    same d missing e
    same missing d
    same f/x
    same f/
    same d/missing/x
    same dangling
    same -P dangling
    same loop
    same "$(printf '%0300d' 0)"
    same 'two  words'
    same -e create -t 1 missing
    same -o log missing
    same --format %w missing
    same -
    same -- -x
}

@test "what may not be watched" {
    prepared
    unprivileged
    ((EUID != 0)) || BEFORE=("${RUN[@]}") # what started and same give RUN comes behind it
    OURS=$PYWATCH
    if ((EUID == 0)); then
        cp "$REFERENCE" "${PLACES[0]}/inotifywait"
        REFERENCE=${PLACES[0]}/inotifywait
    fi
    chmod 0 d f
    same d
    same -r d
    same f
    same -r f
    same d/sub
    same e f
    chmod 444 d e
    same d
    same e
    same -r e
    same d/f
    chmod 755 d
}

@test "the limits of the kernel" {
    prepared
    limited max_inotify_watches 2
    BEFORE=("${RUN[@]}")
    same d e f
    same -r d e
    same -r e d
    same -m d e d/sub d/f
    limited max_inotify_watches 0
    BEFORE=("${RUN[@]}")
    same d
    same -r d
    limited max_inotify_instances 0
    BEFORE=("${RUN[@]}")
    same d
    same -m -r d
    same -d -o log d
    same missing
}

@test "what is no option, and options without their values" {
    local name option

    prepared
    for name in inotifywait ./inotifywait /usr/bin/inotifywait; do
        NAME=$name
        same --bogus d
        same --bogus=x d
        same -Z d
        same -mZq d
        same --recursive=1 d
        same --no-newline=x d
        same --ex x d
        same --fi x d
        same --no x d
    done
    for option in -e -t -o --event --timeout --outfile --exclude --excludei --include --includei \
        --format --timefmt --fromfile; do
        same "$option"
        same d -m "$option"
    done
    same -mqe
}

@test "events that are none" {
    local list

    prepared
    for list in bogus create,bogus bogus,create 'create modify' ' create' 'create ' 'create;modify' \
        onlydir dont_follow CREATE,BOGUS creat %s; do
        same -e "$list" d
    done
    same -e create -e bogus d
    for list in '' ',' 'create,' ',create'  'create,,modify' isdir oneshot q_overflow ignored unmount all_events \
        CrEaTe close move; do
        same -e "$list" d
    done
}

@test "times that are none" {
    local time

    prepared
    for time in x 1x '1 ' '' ' ' - -- +-1 0x10 1e3 '1,' 1s .; do
        same -t "$time" d
    done
    same -t 99999999999999999999 d
    same -t -99999999999999999999 d
    for time in 9223372036854775807 2147483648 4294967297 ' 5' +5 005 -0 -5; do
        same -t "$time" d
    done
}

@test "expressions that are none" {
    local option

    prepared
    for option in --exclude --excludei --include --includei; do
        same "$option" '(' d
        same "$option" '[' d
        same "$option" 'a{2,1}' d
        same "$option" "\\" d
        same "$option" '' d
        same "$option" '*' d
        same "$option" ')' d
    done
}

@test "options that cannot go together" {
    prepared
    same -c --format %w d
    same --format %w -c d
    same --no-newline d
    same --timefmt %s d
    same -c --timefmt %s d
    same --format %T d
    same --format '%w %T' --no-newline d
    same -o log -o log d
    same --fromfile f --fromfile f d
    same -d d
    same -d -m -q d
    same --filename d
    same -c -c -m -m -r -r d
    same --format %w --format %f d
    # All at once: which is told first.
    same --bogus -e bogus -c --format %T --no-newline
    same -e bogus --exclude '(' missing
    same -c --format %T missing
    same --exclude '('
    same -d --exclude '(' missing
}

@test "--fromfile and --outfile" {
    prepared
    same --fromfile missing
    same --fromfile missing d
    same --fromfile '' d
    same --fromfile f
    printf 'd\n\n\n@e\ne\nmissing' >list
    same --fromfile list
    same --fromfile list f
    printf 'd\nf' >list
    same --fromfile list
    same -m --fromfile list e
    same --fromfile list -r
    IN=list
    same --fromfile -
    same --fromfile - e
    IN=/dev/null
    same --fromfile -
    printf '%s\n' "$(printf '%03000d' 0)" >list
    same --fromfile list
    printf ' d\n' >list
    same --fromfile list
    printf 'd \n' >list
    same --fromfile list
    same -o missing/log d
    same -o d d
    same -o '' d
}

@test "--help: the same status, the shape of the first lines, and every option and event" {
    prepared
    started "$REFERENCE" --help
    [[ $STATUS == 1 && ! -s $ERR ]]
    cp "$OUT" theirs
    for option in --help -h '-m -h' '-h --bogus'; do
        # shellcheck disable=SC2086 # words
        started "$OURS" $option
        [[ $STATUS == 1 && ! -s $ERR ]]
        diff <(head -n 4 theirs) <(head -n 4 "$OUT") >&2
    done
    grep -o -e '--[a-z-]*' theirs | sort -u >words
    sed -n 's/^	\([a-z_]*\)	.*/\1/p' theirs >>words
    (($(wc -l <words) > 35))
    while read -r word; do
        grep -q -i -w -F -e "$word" "$OUT" || fail "--help does not have $word"
    done <words
    grep -q '^Exit status:$' "$OUT"
}

# value OPTION: one that it takes, if it takes any.
value() {
    case $1 in
    --event) echo create ;;
    --timeout) echo 600 ;;
    --outfile) echo log ;;
    --fromfile) echo list ;;
    --format | --timefmt) echo x ;;
    --exclude* | --include*) echo x ;;
    esac
}

@test "every abbreviation of every long option" {
    local option short value words

    prepared
    echo e >list
    # Here, more options may be possible.
    same_but_possibilities() {
        local status

        started "$REFERENCE" "$@"
        sed 's/; possibilities: .*//' "$ERR" >their.err
        status=$STATUS
        started "$OURS" "$@"
        diff -u their.err <(sed 's/; possibilities: .*//' "$ERR") >&2 || fail "other messages: $*"
        [[ $STATUS == "$status" ]] || fail "status $STATUS, inotifywait's $status: $*"
    }
    started "$REFERENCE" --help
    # All but those under which they do not say when they are ready.
    grep -o -e '--[a-z-]*' "$OUT" | grep -v -x -e --help -e --daemon -e --quiet -e --syslog |
        sort -u >options
    (($(wc -l <options) > 12))
    while read -r option; do
        value=$(value "$option")
        words=(d)
        [[ $option != --no-newline && $option != --timefmt ]] || words=(--format x d)
        for ((short = 3; short <= ${#option}; short++)); do
            same_but_possibilities "${option:0:short}${value:+=$value}" "${words[@]}"
        done
        [[ -z $value ]] || same_but_possibilities "${words[@]}" "$option" "$value"
    done <options
}

@test "POSIXLY_CORRECT: options end at the first path" {
    prepared
    BEFORE=(env POSIXLY_CORRECT=1)
    same -m d
    same d -m
    same -e create d f
    same d -e create
    same -- d -m
    same d --bogus
}
