#!/usr/bin/env bats
# --follow: a path is watched, whatever it leads to.
#
# What changes on the way of a path comes by another queue than what happens at its end. So the
# record of another path proves nothing here: each test waits for what it is about, and then for a
# last record of the same path.

load helpers

WHOLE=(--follow -m "${PLAIN[@]}" -e 'create,delete_self,move_self,close_write')

# The watches on the way of a relative path: on the working directory, and the one above.
WAY=2

# told N RECORD: until the record has been printed N times.
count_is() { [[ $(grep -a -c -x -F -e "$2" -- "$OUT") == "$1" ]]; }
told() { within count_is "$1" "$2"; }

# probe PATH: what is written to it is seen, once more than before.
probe() {
    local before

    before=$(grep -a -c -x -F -e "CLOSE_WRITE,CLOSE $1" -- "$OUT") || true
    echo probe >>"$1"
    told $((before + 1)) "CLOSE_WRITE,CLOSE $1"
}

# replaced WAY: this way of replacing f shows its end, and the next one; and that is watched.
replaced() {
    echo old >f
    start "${WHOLE[@]}" f
    "$@"
    within printed 'CREATE f'
    within printed 'CLOSE_WRITE,CLOSE f'
    probe f
    grep -v MOVE_SELF "$OUT" | diff -u - <(printf '%s\n' 'DELETE_SELF f' 'CREATE f' \
        'CLOSE_WRITE,CLOSE f' 'CLOSE_WRITE,CLOSE f') >&2 || fail "other records than expected"
}

over() { echo new >g && mv g f; }
anew() { rm f && echo new >f; }
linked() { echo new >g && ln -f g f && rm g; }
# As emacs does: the old one is moved away, and stays.
aside() { mv f f~ && echo new >f; }
# As logrotate does.
rotate() { mv f.1 f.2 2>/dev/null || mv f f.1 && echo new >f; }
with_sed() { sed -i s/old/new/ f; }
with_vim() {
    require vim.tiny
    # By default it makes no backups of what is in /tmp, and then writes in place.
    vim.tiny -u NONE -N -n -es -c 'set writebackup backupcopy=no backupskip=' -c '%s/old/new/' \
        -c wq f </dev/null
}
with_emacs() {
    require emacs
    emacs --batch -Q --eval '(progn (find-file "f") (setq backup-by-copying nil)
        (replace-string "old" "new") (save-buffer))' 2>/dev/null
}
with_perl() { perl -pi -e 's/old/new/' f; }
held() {
    exec 8>>f
    over
}

@test "a file that another one is moved over" { replaced over; }
@test "a file that is deleted and made again" { replaced anew; }
@test "a file in whose place another one is linked" { replaced linked; }
@test "a file that is moved aside and made again" { replaced aside; }
@test "a log that is rotated" { replaced rotate; }
@test "a file that sed -i has changed" { replaced with_sed; }
@test "a file that vim has saved by renaming" { replaced with_vim; }
@test "a file that emacs has saved by renaming" { replaced with_emacs; }
@test "a file that somebody still has open when it is replaced" { replaced held; }

@test "a file that has another name as well is gone from its path" {
    touch f
    ln f other
    start "${WHOLE[@]}" f
    rm f
    told 1 'DELETE_SELF f'
    echo text >>other
    touch f
    told 1 'CREATE f'
    probe f
    [[ $(grep -c CLOSE_WRITE "$OUT") == 2 ]] || fail 'the other name was watched'
}

@test "what had the path is not watched any more" {
    touch f
    start "${WHOLE[@]}" f
    mv f old
    told 1 'DELETE_SELF f'
    echo text >>old
    rm old
    touch f
    told 1 'CREATE f'
    probe f
    expect_output 'MOVE_SELF f' 'DELETE_SELF f' 'CREATE f' 'CLOSE_WRITE,CLOSE f' \
        'CLOSE_WRITE,CLOSE f'
}

@test "back under its path: it is the same" {
    touch f
    start "${WHOLE[@]}" f
    freeze
    mv f g
    mv g f
    thaw
    # The kernel makes one record of two that are equal.
    told 1 'MOVE_SELF f'
    probe f
    expect_output 'MOVE_SELF f' 'CLOSE_WRITE,CLOSE f'
}

@test "all while nobody looked: each end and each beginning is told" {
    touch f
    start "${WHOLE[@]}" f
    freeze
    rm f
    touch f
    rm f
    mkdir f
    rmdir f
    touch f
    thaw
    told 2 'DELETE_SELF f'
    told 2 'CREATE f'
    probe f
    expect_output 'DELETE_SELF f' 'CREATE f' 'DELETE_SELF f' 'CREATE,ISDIR f/' 'DELETE_SELF f/' \
        'CREATE f' 'CLOSE_WRITE,CLOSE f' 'CLOSE_WRITE,CLOSE f'
}

@test "written before it could be watched, and while it was written" {
    start "${WHOLE[@]}" f
    freeze
    echo text >f
    thaw
    told 1 'CLOSE_WRITE,CLOSE f'
    rm f
    told 1 'DELETE_SELF f'
    freeze
    exec 8>f
    thaw
    told 2 'CREATE f'
    # It is open: so its end is still to come, from its writer.
    exec 8>&-
    told 2 'CLOSE_WRITE,CLOSE f'
    rm f
    told 2 'DELETE_SELF f'
    expect_output 'CREATE f' 'CLOSE_WRITE,CLOSE f' 'DELETE_SELF f' 'CREATE f' \
        'CLOSE_WRITE,CLOSE f' 'DELETE_SELF f'
}

@test "JSON: path and watch are the path as it was named, synthetic tells what was inferred" {
    touch f
    start --follow -m --json -e create,delete_self,close_write ./f
    over
    within printed CLOSE_WRITE
    jq -c '[.events[0], .path, .watch, .name, .synthetic // false]' "$OUT" | diff -u - <(
        echo '["DELETE_SELF","./f","./f",null,false]'
        echo '["CREATE","./f","./f",null,true]'
        echo '["CLOSE_WRITE","./f","./f",null,true]'
    ) >&2
}

# ---- waiting for a path

@test "wait until a path exists: it does" {
    touch f
    finished --follow --initial -n 1 -e create --format %w f
    expect_status 0
    expect_output f
    finished --follow --initial -n 1 -e create --format %w d
    expect_status 0
    expect_output d/
}

@test "wait until a path exists: it comes, and its directories before it" {
    start --follow --initial -n 1 -e create --format %w a/b/c/f
    mkdir -p a/b/c
    touch a/b/c/f
    finish
    expect_status 0
    expect_output a/b/c/f
}

watches_some() { [[ $(watches) != 0 ]]; }
@test "wait until a path exists: it comes at any moment" {
    local i

    for i in {1..60}; do
        begin --follow --initial -n 1 -q -e create --format %w a/b/f
        ((i % 3)) || within watches_some
        mkdir -p a/b && touch a/b/f
        finish
        expect_status 0
        expect_output a/b/f
        rm -r a
    done
}

@test "wait until a path is gone: it is there, it is not, it goes while pywatch starts" {
    local i

    touch f
    start --follow -n 1 -e delete_self --format %w f
    rm f
    finish
    expect_status 0
    expect_output f
    finished --follow --initial -n 1 -e delete_self --format %w f
    expect_status 0
    expect_output f
    for i in {1..40}; do
        touch f
        begin --follow --initial -n 1 -q -e delete_self --format %w f
        rm f
        finish
        expect_status 0
        expect_output f
    done
}

@test "wait until a path is gone: moved away, its directory moved away, still open" {
    mkdir a
    touch a/f
    start --follow -n 1 -e delete_self --format %w a/f
    mv a/f g
    finish
    expect_output a/f
    touch a/f
    start --follow -n 1 -e delete_self --format %w a/f
    mv a b
    finish
    expect_output a/f
    exec 8>f
    start --follow -n 1 -e delete_self --format %w f
    rm f
    finish
    expect_output f
}

@test "without --initial, what is not there has to come before it can go" {
    start --follow -n 1 -e delete_self --format %w f
    touch f
    rm f
    finish
    expect_status 0
    expect_output f
}

@test "without -m the end of a file that was not asked for does not end the run" {
    touch f
    start --follow -e close_write "${PLAIN[@]}" f
    rm f
    mkdir f
    rmdir f
    echo text >f
    finish
    expect_status 0
    expect_output 'CLOSE_WRITE,CLOSE f'
}

@test "-t runs out while nothing is there" {
    finished --follow -t 0.05 f
    expect_status 2
}

# ---- directories on the way

@test "the directory of a file goes and comes back" {
    mkdir -p a/b
    touch a/b/f
    start "${WHOLE[@]}" a/b/f
    rm -r a
    told 1 'DELETE_SELF a/b/f'
    mkdir -p a/b
    echo text >a/b/f
    told 1 'CREATE a/b/f'
    told 1 'CLOSE_WRITE,CLOSE a/b/f'
    mv a z
    told 2 'DELETE_SELF a/b/f'
    echo text >>z/b/f
    mv z a
    told 2 'CREATE a/b/f'
    probe a/b/f
    expect_output 'DELETE_SELF a/b/f' 'CREATE a/b/f' 'CLOSE_WRITE,CLOSE a/b/f' \
        'DELETE_SELF a/b/f' 'CREATE a/b/f' 'CLOSE_WRITE,CLOSE a/b/f' 'CLOSE_WRITE,CLOSE a/b/f'
}

@test "a name on the way is a file, and becomes a directory" {
    touch a
    start "${WHOLE[@]}" a/f
    rm a
    mkdir a
    touch a/f
    told 1 'CREATE a/f'
    probe a/f
}

@test "an absolute path, and one with dots and slashes" {
    mkdir -p a/b
    start "${WHOLE[@]}" "$PWD/a/f" ".//a/b/..//g"
    touch a/f a/g
    told 1 "CREATE $PWD/a/f"
    told 1 'CREATE .//a/b/..//g'
    mkdir c
    mv a/b c/b
    told 1 'DELETE_SELF .//a/b/..//g'
    mkdir a/b
    probe .//a/b/..//g
    probe "$PWD/a/f"
    rm -r a/b
    told 2 'DELETE_SELF .//a/b/..//g'
}

@test "'/', '.', '..' and a path that ends in a slash" {
    touch f
    start --follow -m "${PLAIN[@]}" -e create,delete_self / . .. d/
    sentinel .
    sentinel ..
    touch f/ 2>/dev/null || true
    rmdir d
    told 1 'DELETE_SELF d/'
    touch d
    rm d
    mkdir d
    told 1 'CREATE,ISDIR d/'
    sentinel d
    expect_records 'DELETE_SELF d/' 'CREATE ./d' 'CREATE,ISDIR ./d' 'CREATE,ISDIR d/'
}

@test "the working directory is removed, and there is one of its name again" {
    mkdir w
    touch w/f
    cd w
    start "${WHOLE[@]}" f
    cd "$BATS_TEST_TMPDIR/work"
    rm -r w
    told 1 'DELETE_SELF f'
    mkdir w
    echo text >w/f
    told 1 'CREATE f'
    echo text >>w/f
    told 2 'CLOSE_WRITE,CLOSE f'
    mv w v
    mv v/f v/g
    told 2 'DELETE_SELF f'
    mv v/g v/f
    told 2 'CREATE f'
}

@test "a directory on the way that may not be entered, until it may" {
    unprivileged
    mkdir a
    touch a/f
    chmod 755 . a
    chmod 700 a
    cd "${PLACES[0]}" && mkdir a && touch a/f && chmod 666 a/f && chmod 700 a
    start "${WHOLE[@]}" a/f
    said 'waiting for a/f: Permission denied' || fail 'no word of why'
    chmod 755 a
    told 1 'CREATE a/f'
    probe a/f
    chmod 700 a
    told 1 'DELETE_SELF a/f'
    chmod 755 a
    told 2 'CREATE a/f'
    chmod 600 a/f
    echo text >>a/f
    rm a/f
    told 2 'DELETE_SELF a/f'
}

@test "a file that may not be read is told of, and watched when it may" {
    unprivileged
    cd "${PLACES[0]}" && mkdir a && chmod 755 a
    start "${WHOLE[@]}" a/f
    install -m 600 /dev/null a/f
    told 1 'CREATE a/f'
    within said 'not watched: a/f'
    chmod 644 a/f
    watching $((1 + WAY + 1))
    probe a/f
    rm a/f
    told 1 'DELETE_SELF a/f'
}

@test "a directory on the way that cannot be watched: told once" {
    unprivileged
    cd "${PLACES[0]}" && mkdir a && touch a/f && chmod 644 a/f && chmod 711 a
    start "${WHOLE[@]}" a/f
    said 'a/f: a directory on the way to it cannot be read' || fail 'not told'
    rm a/f
    told 1 'DELETE_SELF a/f'
}

# ---- symbolic links

@test "symbolic links, swapped as Kubernetes does" {
    mkdir v1 v2
    echo one >v1/conf
    echo two >v2/conf
    ln -s v1 ..data
    ln -s ..data/conf conf
    start --follow -m --json -e create,delete_self,close_write conf
    ln -s v2 ..data_tmp
    mv -T ..data_tmp ..data
    within printed '"CLOSE_WRITE"'
    rm -r v1
    echo three >>v2/conf
    within count_json 2 CLOSE_WRITE
    jq -r '[.events[0], .path, .watch] | join(" ")' "$OUT" | diff -u - <(
        echo 'DELETE_SELF conf conf'
        echo 'CREATE conf conf'
        echo 'CLOSE_WRITE conf conf'
        echo 'CLOSE_WRITE conf conf'
    ) >&2
}
count_json() { [[ $(grep -c "\"$2\"" "$OUT") == "$1" ]]; }

@test "a dangling link: its target comes, goes, and is another link" {
    ln -s a/b/f l
    start "${WHOLE[@]}" l
    mkdir -p a/b
    touch a/b/f
    told 1 'CREATE l'
    probe l
    rm a/b/f
    told 1 'DELETE_SELF l'
    ln -s "$PWD/d/g" a/b/f
    touch d/g
    told 2 'CREATE l'
    probe l
    rm l
    told 2 'DELETE_SELF l'
}

@test "a loop of links, which is broken" {
    ln -s y x
    ln -s x y
    start "${WHOLE[@]}" x
    said 'waiting for x: Too many levels of symbolic links' || fail 'no word of why'
    rm y
    touch y
    told 1 'CREATE x'
    probe x
}

@test "-P: the link itself" {
    ln -s nowhere l
    start -P --follow -m "${PLAIN[@]}" -e create,delete_self l
    rm l
    told 1 'DELETE_SELF l'
    ln -s elsewhere l
    told 1 'CREATE l'
    touch elsewhere
    rm l
    told 2 'DELETE_SELF l'
    expect_output 'DELETE_SELF l' 'CREATE l' 'DELETE_SELF l'
}

# ---- directories

@test "a directory that is deleted and made again, with what is in it" {
    touch d/old
    start "${WHOLE[@]}" d
    rm -r d
    told 1 'DELETE_SELF d/'
    mkdir d.new
    echo text >d.new/f
    mkdir d.new/s
    mv d.new d
    told 1 'CLOSE_WRITE,CLOSE d/f'
    sentinel d
    grep -v sentinel "$OUT" | sort | diff -u - <(printf '%s\n' 'CLOSE_WRITE,CLOSE d/f' \
        'CREATE d/f' 'CREATE,ISDIR d/' 'CREATE,ISDIR d/s' 'DELETE_SELF d/') >&2
}

@test "-r: a tree that comes back is reported and watched with all that is below" {
    mkdir -p d/a/b
    start -r "${WHOLE[@]}" d
    mv d gone
    told 1 'DELETE_SELF d/'
    mkdir gone/a/c
    touch gone/a/b/f
    mv gone d
    told 1 'CLOSE_WRITE,CLOSE d/a/b/f'
    sentinel d/a/c
    watching $((4 + WAY))
    grep -v -e sentinel -e MOVE_SELF "$OUT" | sort | diff -u - <(printf '%s\n' \
        'CLOSE_WRITE,CLOSE d/a/b/f' 'CREATE d/a/b/f' 'CREATE,ISDIR d/' 'CREATE,ISDIR d/a' \
        'CREATE,ISDIR d/a/b' 'CREATE,ISDIR d/a/c' 'DELETE_SELF d/') >&2
    mkdir -p d/x/y
    touch d/x/y/f
    within printed 'CREATE d/x/y/f'
    rm -r d
    told 2 'DELETE_SELF d/'
    watching $WAY
}

@test "a file becomes a directory, and a file again" {
    touch x
    start "${WHOLE[@]}" x
    rm x
    mkdir x
    told 1 'CREATE,ISDIR x/'
    sentinel x
    rmdir x
    touch x
    told 1 'CREATE x'
    probe x
    expect_records 'DELETE_SELF x' 'CREATE,ISDIR x/' 'DELETE_SELF x/' 'CREATE x' \
        'CLOSE_WRITE,CLOSE x' 'CLOSE_WRITE,CLOSE x'
}

@test "our own looking is not reported" {
    touch f
    start --follow -m "${PLAIN[@]}" f d .
    over
    told 1 'CREATE f'
    rmdir d
    told 1 'DELETE_SELF d/'
    mkdir d
    told 1 'CREATE,ISDIR d/'
    chmod 700 d
    within printed 'ATTRIB,ISDIR d/'
    chmod 600 f
    within printed 'ATTRIB ./f'
    if grep -E 'OPEN|ACCESS|CLOSE_NOWRITE' "$OUT" | grep -q -v './g'; then
        fail 'our own records are there'
    fi
}

# ---- several paths

@test "two paths lead to one file: told once, and by the other path when the first is gone" {
    touch f
    ln -s f l
    start "${WHOLE[@]}" f l
    probe f
    rm l
    told 1 'DELETE_SELF l'
    ln f l
    told 1 'CLOSE_WRITE,CLOSE l'
    probe f
    rm f
    told 1 'DELETE_SELF f'
    watching $((1 + WAY))
    probe l
    expect_output 'CLOSE_WRITE,CLOSE f' 'DELETE_SELF l' 'CREATE l' 'CLOSE_WRITE,CLOSE l' \
        'CLOSE_WRITE,CLOSE f' 'DELETE_SELF f' 'CLOSE_WRITE,CLOSE l'
}

@test "a path within a tree that is watched with -r" {
    mkdir -p d/s/t
    ln -s d/s l
    start -r "${WHOLE[@]}" l d
    sentinel l/t
    mkdir d/x
    ln -s d/x m
    mv -T m l
    told 1 'CREATE,ISDIR l/'
    # Now the tree has it.
    within printed 'CREATE,ISDIR d/s/t'
    sentinel d/s/t
    touch d/s/t/f
    within printed 'CREATE d/s/t/f'
}

@test "many paths in one directory" {
    local i

    (cd d && touch f{1..100})
    start "${WHOLE[@]}" d/f{1..100}
    for i in {1..100}; do
        echo "$i" >g
        mv g "d/f$i"
    done
    for i in {1..100}; do
        told 1 "CREATE d/f$i"
        told 1 "CLOSE_WRITE,CLOSE d/f$i"
    done
    watching $((100 + WAY + 1))
    rm d/*
    for i in {1..100}; do
        told 2 "DELETE_SELF d/f$i"
    done
}

# ---- file systems

@test "unmounted: what the mount had covered; mounted: what it brings" {
    mkdir m
    echo below >m/f
    mount_tmpfs m
    echo above >m/f
    start "${WHOLE[@]}" m/f
    umount m
    told 1 'CREATE m/f'
    probe m/f
    mount_tmpfs m
    told 2 'DELETE_SELF m/f'
    echo again >m/f
    told 2 'CREATE m/f'
    probe m/f
}

@test "--follow keeps no file system from being unmounted" {
    mkdir m
    mount_tmpfs m
    mkdir -p m/a
    touch m/a/f
    start "${WHOLE[@]}" m/a/f m/b/g
    umount m || fail 'it is busy'
    told 1 'DELETE_SELF m/a/f'
}

# ---- odd starts

@test "what is there and is of another kind is told of, what is not there is not" {
    touch f
    start -m --follow f/x none
    said 'waiting for f/x: Not a directory'
    ! said none || fail 'it tells of what is to come'
    rm f
    mkdir f
    echo text >f/x
    within printed 'CREATE'
}

@test "mistakes stay mistakes" {
    finished -q --follow --flags ONESHOT f
    expect_error --follow ONESHOT
    finished -q --follow --flags MASK_CREATE f
    expect_error --follow MASK_CREATE
    finished -q --follow ''
    expect_status 1
    finished -q --follow "$(printf 'x%.0s' {1..300})"
    expect_error 'File name too long'
}

@test "no second inotify instance, no watch" {
    limited max_inotify_instances 1
    finished -q --follow f
    expect_status 1
    said "Couldn't initialize inotify"
}

@test "-v tells what it waits for" {
    start -v --follow -m a/f
    said 'waiting for a/f: No such file or directory'
    mkdir a
    touch a/f
    within said 'watching a/f'
    rm a/f
    within said 'no longer watching a/f'
}

# What is told of a followed path itself has no name, in every form.
@test "every format tells of a replaced file" {
    local form

    for form in --csv --json --color=always '--format=%w|%f|%o|%e'; do
        echo 1 >d/f
        start --follow -m "$form" -e create,delete_self d/f
        echo 2 >d/n
        mv d/n d/f
        within printed CREATE
        stop
        printed d/f
    done
}

@test "written at once when its directory has come back: the end of that is told" {
    mkdir e
    echo 0 >e/c
    see() {
        while read -r line; do
            echo "$line"
            cat e/c >seen 2>/dev/null || true
        done
    }
    begin_pipe see -m --follow -e delete_self,close_write "${PLAIN[@]}" e/c
    ready
    gone() { [[ $(grep -c DELETE_SELF "$OUT") == "$1" ]]; }
    seen() { [[ $(cat seen) == "$1" ]]; }
    for ((i = 1; i <= 100; i++)); do
        mv e away
        within gone "$i"
        mv away e
        echo "$i" >e/c
        within seen "$i"
    done
}
