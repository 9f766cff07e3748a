#!/usr/bin/env bats
# Each mistake and each limit is one line on stderr, which names the thing, and what would be
# accepted or how to raise the limit. The status is 1, and stdout stays empty.

load helpers

@test "an unknown option" {
    finished --bogus d
    expect_error --bogus --help
    finished -Z d
    expect_error -Z --help
}

@test "an abbreviation that fits several options" {
    finished --ex=x d
    expect_error --ex ambiguous --exclude --excludei
}

@test "an option without its value, a value without need" {
    finished d --event
    expect_error --event value
    finished d -e
    expect_error -e value
    finished --monitor=yes d
    expect_error --monitor 'takes no value'
}

@test "an unknown event: the events are listed" {
    finished -e create,bogus d
    expect_error --event bogus ACCESS MOVE_SELF ALL_EVENTS COMPLETE
    finished -e '' d
    expect_error --event "''" ACCESS
    finished -e create, d
    expect_error --event "''" ACCESS
}

@test "an unknown flag: the flags are listed" {
    finished --flags ONLYDIR,BOGUS d
    expect_error --flags BOGUS DONT_FOLLOW MASK_CREATE
}

@test "flags that exclude each other" {
    finished --flags MASK_ADD,MASK_CREATE d
    expect_error --flags MASK_ADD MASK_CREATE
}

@test "an unknown conversion: the conversions are listed" {
    finished --format '%w %q' d
    expect_error --format %q %w %Xe %%
    finished --format 'x%' d
    expect_error --format %
}

@test "an unknown type" {
    finished --type f,x d
    expect_error --type "'x'" 'f (' 'd ('
}

@test "numbers that are none" {
    for value in '' x 1x ' 1' +1 1.5 0x10 -- -1; do
        finished "--count=$value" d
        expect_error --count "'$value'" ' to '
        finished "--max-depth=$value" d
        expect_error --max-depth "'$value'" ' to '
    done
    finished -n 0 d
    expect_error --count "'0'" '1 to '
    finished -n 99999999999999999999 d
    expect_error --count "'99999999999999999999'" 'out of range'
}

@test "times that are none" {
    for value in '' x 1x ' 1' +1 1e3 . 1:00 inf nan; do
        finished "--timeout=$value" d
        expect_error --timeout "'$value'" 0.5
    done
    finished -t 99999999999999999999 d
    expect_error --timeout 'out of range'
}

@test "sizes that are none" {
    for value in '' x 1T 1KB -1 0 1.5M 99999999999999999999; do
        finished "--buffer=$value" d
        expect_error --buffer "'$value'" 64M
    done
}

@test "an unknown time for colours" {
    finished --color=often d
    expect_error --color often auto always never
}

@test "a broken regular expression" {
    for option in exclude excludei include includei; do
        finished "--$option=(" d
        expect_error "--$option" "'('"
    done
}

@test "a glob that can match no name" {
    finished --ignore a/b d
    expect_error --ignore a/b
    finished --ignore '' d
    expect_error --ignore
}

@test "options that cannot go together" {
    finished -c --format %w d
    expect_error '-c and --format'
    finished --no-newline d
    expect_error --no-newline --format
    finished --timefmt %s d
    expect_error --timefmt --format
    finished --format %T d
    expect_error %T --timefmt
    finished --json --csv d
    expect_error --json --csv
    finished --json --format %w d
    expect_error --json --format
    finished -o a -o b d
    expect_error --outfile
    finished --fromfile a --fromfile b d
    expect_error --fromfile
}

@test "options of inotifywait that this version does not have" {
    local option as

    ln -s "$PYWATCH" pywatch
    ln -s "$PYWATCH" inotifywait
    for as in pywatch inotifywait; do
        PYWATCH=$PWD/$as
        for option in -F --fanotify -S --filesystem --fan; do
            finished "$option" d
            expect_error "$as: --f" 'is not supported by this version' 'accepted: --inotify'
        done
    done
}

@test "no paths" {
    finished
    expect_error 'No files specified to watch!'
    finished -m -r @d
    expect_error 'No files specified to watch!'
    finished --fromfile /dev/null
    expect_error 'No files specified to watch!'
    finished ''
    expect_error "''"
}

@test "a missing path" {
    finished -q d missing
    expect_error "Couldn't watch missing: No such file or directory"
    finished -q -r missing
    expect_error "Couldn't watch missing: No such file or directory"
    touch f
    finished -q f/x
    expect_error "Couldn't watch f/x: Not a directory"
    ln -s nowhere dangling
    finished -q dangling
    expect_error "Couldn't watch dangling: No such file or directory"
    ln -s loop loop
    finished -q loop
    expect_error "Couldn't watch loop: Too many levels of symbolic links"
}

@test "a missing path is told without -q as well, and under -qq" {
    finished missing
    expect_status 1
    said 'Setting up watches.'
    said "Couldn't watch missing: No such file or directory"
    ! said 'Watches established.' || fail "it says that all is well"
    finished -qq missing
    expect_error "Couldn't watch missing: No such file or directory"
}

@test "a missing --fromfile" {
    finished --fromfile missing d
    expect_error missing 'No such file or directory'
}

@test "an unreadable file" {
    unprivileged
    touch f
    chmod 000 f
    finished -q f
    expect_error "Couldn't watch f: Permission denied"
}

@test "an unreadable directory that was named" {
    unprivileged
    chmod 000 d
    finished -q d
    expect_error "Couldn't watch d: Permission denied"
    finished -q -r d
    expect_error "Couldn't watch d: Permission denied"
    chmod 755 d
}

@test "the limit on instances: its value, and how to raise it" {
    limited max_inotify_instances 0
    finished d
    expect_error 'Too many open files' 'user.max_inotify_instances is 0' 'sysctl user.max_inotify_instances='
}

@test "the limit on watches: its value, what is needed, and how to raise it" {
    mkdir e f
    limited max_inotify_watches 2
    finished -q d e f
    expect_error "Failed to watch f" 'upper limit on inotify watches reached' \
        'user.max_inotify_watches is 2' '3 are needed' 'sysctl user.max_inotify_watches='
}

@test "the limit on watches under -r" {
    mkdir -p d/{1,2,3,4,5,6}
    limited max_inotify_watches 4
    finished -q -r d
    expect_error 'upper limit on inotify watches reached' 'user.max_inotify_watches is 4' \
        'at least 7 are needed' 'sysctl user.max_inotify_watches='
    # What it advises is enough.
    advice=$(sed 's/.*max_inotify_watches=\([0-9]*\).*/\1/' "$ERR")
    ((advice >= 7)) || fail "$advice watches are not enough"
}

@test "the limit on watches later: one warning, and the rest goes on" {
    limited max_inotify_watches 2
    mkdir d/old
    start -m -r "${PLAIN[@]}" -e create d
    mkdir d/new
    within said d/new
    touch d/old/f
    sentinel d
    records | grep -qx 'CREATE d/old/f'
    [[ $(grep -c d/new "$ERR") == 1 ]]
}

@test "the limit on watches later: taken up again when watches become free, and when it is raised" {
    limited max_inotify_watches 3
    mkdir d/old d/two
    start -m -r --json -e create,delete d
    mkdir -p d/new/a/b d/more
    touch d/new/a/b/f
    within said d/new
    rmdir d/two
    touch d/old/f
    sentinel d/old
    watching 3
    require nsenter
    nsenter -t "$PID" -U --preserve-credentials \
        sh -c 'echo 100 >/proc/sys/user/max_inotify_watches' || skip "namespaces cannot be entered"
    watching "$(find d -type d | wc -l)"
    touch d/new/a/b/live
    sentinel d/new/a/b
    # Each entry once, what nobody could hear of as synthetic, and one warning for it all.
    diff <(find d -mindepth 1 ! -path d/old | sort) \
        <(records | jq -r 'select(.events[0] == "CREATE").path' | sort) >&2
    [[ $(records | jq -r 'select(.synthetic).path' | sort) == $'d/new/a\nd/new/a/b\nd/new/a/b/f' ]]
    [[ $(grep -c 'upper limit' "$ERR") == 1 ]] || fail "not one warning"
}

@test "the limit on open files" {
    # A leak cannot be looked for without descriptors.
    RUN=(env ASAN_OPTIONS=detect_leaks=0 sh -c 'ulimit -n 4 && exec "$@"' sh)
    finished -q d
    ((STATUS == 1)) || skip "it needs no more"
    expect_error 'Too many open files'
}
