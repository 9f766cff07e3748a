#!/usr/bin/env bats
# -r: what is below, what comes to be below, and what is left out.

load helpers

# each_once DIRECTORY: each entry in it has exactly one CREATE, and nothing else has one.
each_once() {
    diff -u --label 'on disk' --label announced \
        <(cd "$1" && find . -mindepth 1 ! -name '.sentinel.*' | sed 's/^\.//' | sort) \
        <(records | sed -n "s,^CREATE\(\,ISDIR\)\? $1,,p" | sort) >&2 ||
        fail "not each entry was announced once"
}

@test "what is there at the start is watched all the way down" {
    mkdir -p d/a/b/c d/x
    start -m -r "${PLAIN[@]}" -e create d
    touch d/a/b/c/f
    touch d/x/f
    sentinel d
    expect_records 'CREATE d/a/b/c/f' 'CREATE d/x/f'
}

@test "mkdir -p and touch: each entry once, in order" {
    start -m -r "${PLAIN[@]}" -e create d
    mkdir -p d/a/b/c/e
    touch d/a/b/c/e/f
    sentinel d/a/b/c/e
    expect_records 'CREATE,ISDIR d/a' 'CREATE,ISDIR d/a/b' 'CREATE,ISDIR d/a/b/c' \
        'CREATE,ISDIR d/a/b/c/e' 'CREATE d/a/b/c/e/f'
}

@test "100 times mkdir -p and touch: each entry once" {
    start -m -r "${PLAIN[@]}" -e create d
    for i in {1..100}; do
        mkdir -p "d/$i/a/b"
        : >"d/$i/a/b/f"
    done
    sentinel d
    each_once d
}

@test "a file made in a new directory at once is finished once" {
    start -m -r "${PLAIN[@]}" -e close_write d
    for i in {1..50}; do
        mkdir -p "d/$i/a"
        echo text >"d/$i/a/f"
    done
    sentinel d
    diff -u <(seq -f 'CLOSE_WRITE,CLOSE d/%.0f/a/f' 50 | sort) <(records | sort)
}

@test "cp -r: each entry once" {
    mkdir -p tree/{a,b,c,d}/{1,2,3,4,5}/x
    for i in tree/*/*/x; do
        touch "$i"/{p,q,r}
    done
    start -m -r "${PLAIN[@]}" -e create d
    cp -r tree d/
    sentinel d
    each_once d
}

@test "tar x: each entry once" {
    mkdir -p tree/{a,b,c,d}/{1,2,3,4,5}/x
    for i in tree/*/*/x; do
        touch "$i"/{p,q,r}
    done
    tar cf t.tar tree
    start -m -r "${PLAIN[@]}" -e create d
    tar xf t.tar -C d
    sentinel d
    each_once d
}

@test "what was made before the watch is marked as synthetic" {
    start -m -r --json -e create d
    freeze
    mkdir -p d/a/b
    touch d/a/b/f
    thaw
    sentinel d
    diff -u - <(records | jq -c '[.path, .events, .synthetic]') <<'END'
["d/a",["CREATE","ISDIR"],null]
["d/a/b",["CREATE","ISDIR"],true]
["d/a/b/f",["CREATE"],true]
END
}

@test "a directory renamed within: what follows has the new path" {
    mkdir -p d/a/b
    start -m -r "${PLAIN[@]}" -e create,move d
    mv d/a d/z
    touch d/z/b/f
    mv d/z/b d/b
    touch d/b/g
    sentinel d
    expect_records 'MOVED_FROM,ISDIR d/a' 'MOVED_TO,ISDIR d/z' 'CREATE d/z/b/f' \
        'MOVED_FROM,ISDIR d/z/b' 'MOVED_TO,ISDIR d/b' 'CREATE d/b/g'
}

@test "renames tell in JSON where it came from, and share a cookie" {
    mkdir -p d/a
    touch d/a/f
    start -m -r --json -e create,move d
    mv d/a d/z
    mv d/z/f d/g
    sentinel d
    diff -u - <(records | jq -c '[.events, .path, .from]') <<'END'
[["MOVED_FROM","ISDIR"],"d/a",null]
[["MOVED_TO","ISDIR"],"d/z","d/a"]
[["MOVED_FROM"],"d/z/f",null]
[["MOVED_TO"],"d/g","d/z/f"]
END
    [[ $(records | jq -s 'map(.cookie) | [.[0] == .[1], .[2] == .[3], .[0] != .[2]] | all') == true ]]
}

# only_added: each watch was set so that what was there before stays (IN_MASK_ADD).
only_added() {
    local calls
    calls=$(grep -c 'inotify_add_watch(' trace)
    ((calls > $1)) || fail "$calls calls"
    ! grep 'inotify_add_watch(' trace | grep -v IN_MASK_ADD >&2 || fail "a watch was set anew"
}

# created N: so many times d/file was told to have come.
created() { [[ $(records | grep -c '^CREATE d/file') == "$1" ]]; }

@test "no watch is set anew, which would make it deaf for a moment" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    mkdir -p d/a/b/c d/x
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -o trace -e trace=inotify_add_watch)
    start -m "${PLAIN[@]}" -r d d/a
    mkdir -p d/n/b/c
    freeze
    mv d/a/b d/x/b
    mkdir -p d/n/d/e
    mv d/n/d d/n/f
    mv d/n/b d/x/n
    thaw
    sentinel d
    stop
    only_added 10
    start -m "${PLAIN[@]}" --follow d/file
    for i in 1 2 3; do
        echo "$i" >d/new
        mv d/new d/file
        within created "$i"
    done
    stop
    only_added 4
}

@test "a directory moved out: its watches are removed" {
    mkdir -p d/a/b out
    start -m -r "${PLAIN[@]}" -e create,move d
    watching 3
    mv d/a out/a
    watching 1
    touch out/a/f out/a/b/f
    sentinel d
    expect_records 'MOVED_FROM,ISDIR d/a'
}

@test "a directory moved in: then its contents, and what follows" {
    mkdir -p in/a/b
    touch in/a/f in/a/b/g
    start -m -r "${PLAIN[@]}" -e create,move d
    mv in/a d/a
    within printed 'd/a/b/g'
    touch d/a/b/h
    sentinel d/a/b
    [[ $(records | head -n 1) == 'MOVED_TO,ISDIR d/a' ]]
    [[ $(records | tail -n 1) == 'CREATE d/a/b/h' ]]
    [[ $(records | sort) == $'CREATE d/a/b/g\nCREATE d/a/b/h\nCREATE d/a/f\nCREATE,ISDIR d/a/b\nMOVED_TO,ISDIR d/a' ]]
}

@test "rm -r and the same name again: watched again" {
    mkdir -p d/a/b
    start -m -r "${PLAIN[@]}" -e create,delete d
    rm -r d/a
    mkdir -p d/a/b
    touch d/a/b/f
    sentinel d/a
    expect_records 'DELETE,ISDIR d/a/b' 'DELETE,ISDIR d/a' 'CREATE,ISDIR d/a' 'CREATE,ISDIR d/a/b' \
        'CREATE d/a/b/f'
    watching 3
}

@test "without -m: a new directory is watched before its file comes" {
    start -r "${PLAIN[@]}" -e close_write d
    mkdir -p d/a/b
    echo text >d/a/b/f
    finish
    expect_status 0
    expect_output 'CLOSE_WRITE,CLOSE d/a/b/f'
}

@test "what -r needs to see is not printed unasked" {
    mkdir d/a
    start -m -r "${PLAIN[@]}" -e modify d
    mkdir d/b
    mv d/b d/c
    rmdir d/c
    rm -r d/a
    echo text >>d/f
    sentinel d
    expect_records 'MODIFY d/f'
}

@test "the walk of pywatch itself is never reported" {
    mkdir -p d/a/b
    start -m -r "${PLAIN[@]}" d
    # Not mkdir -p, which opens the directories itself.
    mkdir d/a/new d/a/new/deep
    within printed 'CREATE,ISDIR d/a/new/deep'
    sentinel d
    expect_records 'CREATE,ISDIR d/a/new' 'CREATE,ISDIR d/a/new/deep'
}

@test "the walk of pywatch itself is never reported, whichever of its events are asked for" {
    local events

    for events in open access close_nowrite close open,access open,close access,close; do
        start -m -r "${PLAIN[@]}" -e "$events,delete" d
        mkdir d/a d/a/b
        # What it watches has been opened and read; then all of that is in the queue.
        watching 3
        rmdir d/a/b d/a
        within printed 'DELETE,ISDIR d/a'
        stop
        [[ $(grep -c -v DELETE "$OUT") == 0 ]] || fail "-e $events"
    done
}

@test "--max-depth 0: the named directory alone" {
    mkdir d/a
    start -m -r --max-depth 0 "${PLAIN[@]}" -e create d
    touch d/a/f
    mkdir d/b
    touch d/b/f
    sentinel d
    expect_records 'CREATE,ISDIR d/b'
    watching 1
}

@test "--max-depth 1: one level, also of what comes later and of what is moved" {
    mkdir -p d/a/b
    start -m -r --max-depth 1 "${PLAIN[@]}" -e create d
    touch d/a/f d/a/b/f
    mkdir -p d/c/e
    within printed 'd/c/e'
    touch d/c/e/f
    mv d/a/b d/b
    within watches_are 4
    touch d/b/g
    sentinel d
    expect_records 'CREATE d/a/f' 'CREATE,ISDIR d/c' 'CREATE,ISDIR d/c/e' \
        'CREATE d/b/f' 'CREATE d/b/g'
    mv d/b d/a/b
    within watches_are 3
}

@test "-x: another file system is not descended into" {
    mkdir -p d/mnt d/same
    mount_tmpfs d/mnt
    mkdir d/mnt/s
    start -m -r -x "${PLAIN[@]}" -e create d
    touch d/mnt/f d/mnt/s/f
    touch d/same/f
    sentinel d
    expect_records 'CREATE d/same/f'
}

@test "without -x: another file system is descended into" {
    mkdir -p d/mnt
    mount_tmpfs d/mnt
    mkdir d/mnt/s
    start -m -r "${PLAIN[@]}" -e create d
    touch d/mnt/f d/mnt/s/f
    sentinel d
    expect_records 'CREATE d/mnt/f' 'CREATE d/mnt/s/f'
}

# a_forest DIRECTORY: directories with and without others in them.
a_forest() {
    mkdir -p "$1"/{a/b/c,d,e/{f,g/h/i},w/{1,2,3,4,5}}
    mkdir "$1/w/4/x"
    touch "$1"/{a/f,d/f,w/3/f}
}

# every_directory DIRECTORY: each has a watch, and tells of what is made in it.
every_directory() {
    local dir
    local -a want=()

    watching "$(find "$1" -type d | wc -l)"
    while IFS= read -r dir; do
        want+=("CREATE $dir/probe")
        touch "$dir/probe"
    done < <(find "$1" -type d)
    sentinel "$1"
    expect_records "${want[@]}"
}

@test "file systems that count their directories: none is left out" {
    mkdir d/mnt
    mount_tmpfs d/mnt
    a_forest d
    a_forest d/mnt
    start -m -r "${PLAIN[@]}" -e create d
    every_directory d
}

@test "overlayfs, which counts some of them: none is left out" {
    mkdir rw
    mount_tmpfs rw
    a_forest low
    mkdir -p low2/e/{f/more,new/n} low2/only/here rw/{up,work}
    mount -t overlay -o "lowerdir=low:low2,upperdir=rw/up,workdir=rw/work" pywatch-test d \
        2>/dev/null || skip "no overlayfs"
    MOUNTS+=("$PWD/d")
    mkdir -p d/upper/x/y d/d/new d/a/b/new/n
    start -m -r "${PLAIN[@]}" -e create d
    every_directory d
}

@test "btrfs, which counts none: none is left out" {
    require mkfs.btrfs
    truncate -s 120M image
    mkfs.btrfs -q image
    mount -o loop image d 2>/dev/null || skip "no loop mounts of btrfs"
    MOUNTS+=("$PWD/d")
    a_forest d
    start -m -r "${PLAIN[@]}" -e create d
    every_directory d
}

@test "--ignore: neither reported nor descended into, now and later" {
    mkdir -p d/.git/objects d/src
    start -m -r --ignore '.git' --ignore '*.o' "${PLAIN[@]}" -e create d
    touch d/.git/f d/.git/objects/f d/src/x.o
    touch d/src/x.c
    mkdir -p d/src/.git/y d/z.o
    touch d/src/.git/y/f d/z.o/f
    sentinel d
    expect_records 'CREATE d/src/x.c'
    watching 2
}

@test "--ignore is about names, not about the path that was named" {
    start -m -r --ignore d "${PLAIN[@]}" -e create d
    touch d/f
    sentinel d
    expect_records 'CREATE d/f'
}

@test "@PATH: left out with all that is below" {
    mkdir -p d/out/deep d/in
    start -m -r "${PLAIN[@]}" -e create d @d/out
    touch d/out/f d/out/deep/f
    touch d/in/f
    sentinel d
    expect_records 'CREATE d/in/f'
    watching 2
}

@test "@PATH by another spelling, and before the path it is about" {
    mkdir -p d/out d/in
    start -m -r "${PLAIN[@]}" -e create "@$PWD/d/./out/" d
    touch d/out/f
    touch d/in/f
    sentinel d
    expect_records 'CREATE d/in/f'
}

@test "@PATH holds for a directory that is made again" {
    mkdir -p d/out
    start -m -r "${PLAIN[@]}" -e create d @d/out
    rmdir d/out
    mkdir d/out
    touch d/out/f
    sentinel d
    expect_records 'CREATE,ISDIR d/out'
}

@test "an unreadable directory is one warning, and the rest goes on" {
    unprivileged
    mkdir -p d/shut d/open
    chmod 000 d/shut
    start -m -r "${PLAIN[@]}" -e create d
    [[ $(grep -c 'd/shut' "$ERR") == 1 ]]
    grep 'd/shut' "$ERR" | grep -q 'Permission denied'
    touch d/open/f
    sentinel d
    expect_records 'CREATE d/open/f'
    chmod 755 d/shut
}

@test "an unreadable directory that comes later is a warning, and the rest goes on" {
    unprivileged
    start -m -r "${PLAIN[@]}" -e create d
    freeze
    mkdir -m 000 d/shut
    thaw
    within said 'd/shut'
    touch d/f
    sentinel d
    expect_records 'CREATE,ISDIR d/shut' 'CREATE d/f'
    [[ $(grep -c 'd/shut' "$ERR") == 1 ]]
}

@test "an unreadable directory is taken up when it becomes readable" {
    unprivileged
    mkdir d/shut
    chmod 000 d/shut
    start -m -r "${PLAIN[@]}" -e create,attrib d
    chmod 755 d/shut
    watching 2
    touch d/shut/f
    sentinel d
    records | grep -qx 'CREATE d/shut/f'
}

@test "the same where nobody asks for ATTRIB, and reading is asked for" {
    unprivileged
    mkdir -p d/in/shut/below
    chmod 000 d/in/shut
    start -m -r "${PLAIN[@]}" -e create,open d
    [[ $(grep -c d/in/shut "$ERR") == 1 ]]
    mkdir -m 000 d/later
    within said d/later
    chmod 755 d/in/shut d/later
    watching 5
    touch d/in/shut/below/f d/later/f
    sentinel d
    diff - <(records | grep CREATE | sort) <<'END'
CREATE d/in/shut/below/f
CREATE d/later/f
CREATE,ISDIR d/in/shut/below
CREATE,ISDIR d/later
END
    ! printed ATTRIB || fail "ATTRIB was printed unasked"
}

@test "a directory that may be read and not entered is watched itself, and nothing else for it" {
    unprivileged
    mkdir -p d/r/below here/sub
    chmod 444 d/r
    start -m -r "${PLAIN[@]}" -e create d
    watches_are 2
    [[ $(grep -c 'not watched' "$ERR") == 1 ]] && said 'not watched: d/r/below and all below it'
    mkdir here/sub/new
    sentinel d
    ! printed here || fail "another directory is watched"
    chmod 755 d/r
}

@test "what is below a directory that may not be entered is taken up when that may be entered" {
    unprivileged
    mkdir -p d/at/start/below d/later
    chmod 444 d/at
    start -m -r "${PLAIN[@]}" -e create d
    chmod 0 d/later
    mkdir d/later/new
    : >d/later/new/f
    within said 'not watched: d/later/new'
    chmod 755 d/at d/later
    within watches_are 6
    : >d/at/start/below/g
    : >d/later/new/h
    sentinel d
    records | grep -qx 'CREATE d/at/start/below/g'
    records | grep -qx 'CREATE d/later/new/f'
    records | grep -qx 'CREATE d/later/new/h'
    [[ $(grep -c 'not watched' "$ERR") == 2 ]]
}

@test "symbolic links are not followed" {
    mkdir -p other/sub
    ln -s ../other d/link
    ln -s . d/loop
    start -m -r "${PLAIN[@]}" -e create d
    touch other/f other/sub/f
    ln -s ../other d/later
    touch other/g
    sentinel d
    expect_records 'CREATE d/later'
    watching 1
}

@test "a named link to a directory is followed" {
    mkdir -p other/sub
    ln -s other link
    start -m -r "${PLAIN[@]}" -e create link
    touch other/sub/f
    sentinel other
    expect_records 'CREATE link/sub/f'
}

@test "a tree of 20,000 characters, far deeper than PATH_MAX: full paths" {
    "$LIB/deep.py" d 100 200 >/dev/null
    start -m -r "${PLAIN[@]}" -e create d
    path=$("$LIB/deep.py" d 100 200 probe)
    ((${#path} > 20000))
    sentinel d
    expect_records "CREATE $path/probe"
}

@test "such a tree that comes later, and is renamed: full paths" {
    start -m -r "${PLAIN[@]}" -e create,move d
    path=$("$LIB/deep.py" d 100 200 probe)
    sentinel d
    [[ $(records | tail -n 1) == "CREATE $path/probe" ]]
    [[ $(records | wc -l) == 101 ]]
    mv d/n* d/m
    path=d/m/${path#d/*/}
    (cd d/m && python3 -c 'import os
for _ in range(99): os.chdir("n" * 200)
os.mkdir("later")')
    sentinel d
    [[ $(records | tail -n 1) == "CREATE,ISDIR $path/later" ]]
    watches_are 102
}

@test "a deep tree with little memory for descriptors" {
    "$LIB/deep.py" d 100 10 >/dev/null
    RUN=(sh -c 'ulimit -n 64 && exec "$@"' sh)
    start -m -r "${PLAIN[@]}" -e create d
    path=$("$LIB/deep.py" d 100 10 probe)
    sentinel d
    expect_records "CREATE $path/probe"
}

@test "a deep tree that has something left at each level: few descriptors do" {
    (cd d && python3 -c 'import os
for _ in range(400):
    for name in "abc": os.makedirs(name + "/x")
    os.mkdir("d")
    os.chdir("d")')
    for most in 16 64 200; do
        RUN=(sh -c "ulimit -n $most && exec \"\$@\"" sh)
        start -m -r "${PLAIN[@]}" -e create d
        watches_are 2801 || fail "$most descriptors: $(watches) directories are watched, of 2801"
        stop
    done
}

@test "what appears after something above the root was renamed is not watched, and not gone" {
    mkdir -p above/r/old
    start -m -r "${PLAIN[@]}" -e create,delete above/r
    mv above elsewhere
    mkdir elsewhere/r/new elsewhere/r/old/new
    within said above/r/old/new
    said 'not watched: above/r/new and all below it: No such file or directory'
    touch elsewhere/r/old/f
    rmdir elsewhere/r/new
    within printed 'DELETE,ISDIR above/r/new'
    expect_records 'CREATE,ISDIR above/r/new' 'CREATE,ISDIR above/r/old/new' \
        'CREATE above/r/old/f' 'DELETE,ISDIR above/r/new'
}

@test "-r with a file: the file is watched" {
    touch f
    start -m -r "${PLAIN[@]}" -e attrib,create f d
    chmod 600 f
    sentinel d
    [[ $(records | head -n 1) == 'ATTRIB f' ]]
}
