#!/usr/bin/env bats
# Each flag of --flags, by its effect.

load helpers

@test "DONT_FOLLOW: the link itself is watched" {
    touch f
    ln -s f link
    start -m "${PLAIN[@]}" --flags DONT_FOLLOW -e modify,delete_self link
    echo text >>./link
    rm link
    finish
    expect_output 'DELETE_SELF link'
}

@test "without DONT_FOLLOW: what the link points to" {
    touch f
    ln -s f link
    start -m "${PLAIN[@]}" -e modify,delete_self link
    echo text >>./link
    rm link f
    finish
    expect_output 'MODIFY link' 'DELETE_SELF link'
}

@test "-P is --flags DONT_FOLLOW" {
    mkdir elsewhere
    ln -s ../elsewhere d/link
    start -m "${PLAIN[@]}" -P -e create,delete_self d/link d
    touch elsewhere/f
    rm d/link
    sentinel d
    expect_records 'DELETE_SELF d/link'
}

@test "EXCL_UNLINK: silence about files without a name" {
    exec {open}>d/f
    start -m "${PLAIN[@]}" --flags EXCL_UNLINK -e modify,delete d
    echo before >&"$open"
    rm d/f
    echo after >&"$open"
    exec {open}>&-
    sentinel d
    expect_records 'MODIFY d/f' 'DELETE d/f'
}

@test "without EXCL_UNLINK: files without a name are reported" {
    exec {open}>d/f
    start -m "${PLAIN[@]}" -e modify,delete d
    echo before >&"$open"
    rm d/f
    echo after >&"$open"
    exec {open}>&-
    sentinel d
    expect_records 'MODIFY d/f' 'DELETE d/f' 'MODIFY d/f'
}

@test "MASK_ADD reaches the kernel, and a directory named twice keeps all its events" {
    start -m "${PLAIN[@]}" --flags mask_add -e create,delete d ./d
    touch d/f
    rm d/f
    sentinel d
    expect_records 'CREATE d/f' 'DELETE d/f'
    stop
    require strace
    ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=inotify_add_watch \
        "$PYWATCH" --flags MASK_ADD -t 0.01 d 2>/dev/null || true
    [[ -s trace ]] || skip "strace is not permitted"
    grep -q 'inotify_add_watch(.*IN_MASK_ADD' trace
}

@test "ONESHOT: one record, and the watch is gone" {
    start -m "${PLAIN[@]}" --flags ONESHOT d
    mkdir d/first
    mkdir d/second || true
    finish
    expect_output 'CREATE,ISDIR d/first'
    expect_status 1
    said 'nothing is left to watch'
}

@test "ONESHOT: IGNORED follows, for those who ask" {
    start -m "${PLAIN[@]}" --flags ONESHOT -e create,ignored d
    touch d/f
    finish
    expect_output 'CREATE d/f' 'IGNORED d/'
}

@test "ONESHOT of several: each is reported once" {
    mkdir e
    start -m "${PLAIN[@]}" --flags ONESHOT -e create d e
    touch d/1 d/2 e/1 e/2
    finish
    expect_output 'CREATE d/1' 'CREATE e/1'
    expect_status 1
}

@test "ONLYDIR: a file is refused" {
    touch f
    finished -q --flags ONLYDIR f
    expect_error "Couldn't watch f" 'Not a directory'
}

@test "ONLYDIR: a directory is watched" {
    start -m "${PLAIN[@]}" --flags ONLYDIR -e create d
    touch d/f
    sentinel d
    expect_records 'CREATE d/f'
}

@test "ONESHOT with -r: set-up does not use its own watches up" {
    mkdir -p d/a/b d/c/d d/e d/f/g
    for events in open access close_nowrite,create; do
        start -m -r "${PLAIN[@]}" --flags ONESHOT -e "$events" d
        watches_are 8 || fail "$events: $(watches) watches"
        stop
        expect_output
    done
}

@test "MASK_CREATE with what is listed" {
    touch d/f
    start -m "${PLAIN[@]}" --flags MASK_CREATE -e create --initial d
    sentinel d
    expect_records 'CREATE d/f'
    stop
    start -m "${PLAIN[@]}" --flags MASK_CREATE -e create --snapshot d
    touch d/g
    sentinel d
    expect_records 'CREATE d/g'
}

@test "MASK_CREATE: what is watched already is refused" {
    finished -q --flags MASK_CREATE d ./d
    expect_error "Couldn't watch ./d" 'File exists'
}

@test "MASK_CREATE: what is not watched yet is watched" {
    mkdir e
    start -m "${PLAIN[@]}" --flags MASK_CREATE -e create d e
    touch d/f
    touch e/f
    sentinel e
    expect_records 'CREATE d/f' 'CREATE e/f'
}

@test "MASK_CREATE with -r: new directories are watched all the same" {
    start -m -r "${PLAIN[@]}" --flags MASK_CREATE d
    mkdir d/s
    within printed 'CREATE,ISDIR d/s'
    touch d/s/f
    sentinel d/s
    printed 'CREATE d/s/f'
}

@test "flags are a list, in either case, with or without IN_" {
    touch f
    finished -q --flags in_dont_follow,OnlyDir f
    expect_error 'Not a directory'
    finished -q --flags DONT_FOLLOW --flags IN_ONLYDIR f
    expect_error 'Not a directory'
}
