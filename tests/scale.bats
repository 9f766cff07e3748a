#!/usr/bin/env bats
# What -r promises holds for many: bursts of new trees, readers that sleep, busy trees, long runs.
# What is true of a few thousand here was also tried with a hundred times as many.

load helpers

GATE='until [ -e go ]; do sleep 0.01; done'

# each_once: the records make d from nothing, with nothing twice and nothing missed.
each_once() {
    within printed .sentinel.
    "$LIB/replay.py" "$OUT" d >&2 || fail "the records do not make what is on the disk"
    ! printed Q_OVERFLOW || fail "the queue overflowed"
}

# closed: how often each file was told to be closed after writing; one line a file.
closed() { records | jq -r 'select(.events == ["CLOSE_WRITE"]).path' | sort; }

# memory_counts: skips the test where freed memory is kept to find mistakes.
memory_counts() {
    frees || skip "AddressSanitizer keeps memory"
}

TREE=(-m -r --json -e 'create,delete,move')

@test "500 times mkdir -p and a file: each entry once" {
    start "${TREE[@]}" d
    "$LIB/burst.py" paths d 500
    sentinel d
    each_once
}

@test "cp -r of 3,000 files: each entry once" {
    "$LIB/burst.py" files tree 150
    start "${TREE[@]}" d
    cp -r tree d/
    sentinel d
    each_once
}

@test "tar x of 3,000 files: each entry once" {
    "$LIB/burst.py" files tree 150
    tar cf t.tar tree
    start "${TREE[@]}" d
    tar xf t.tar -C d
    sentinel d
    each_once
}

@test "git clone: each entry once" {
    require git
    "$LIB/burst.py" files tree 40
    git -C tree -c init.defaultBranch=main init -q
    git -C tree add .
    git -C tree -c user.name=x -c user.email=x@example.org -c commit.gpgsign=false commit -q -m x
    start "${TREE[@]}" d
    git clone -q --no-local tree d/clone
    sentinel d
    each_once
}

@test "500 packages, written elsewhere and renamed into place: each entry once" {
    start "${TREE[@]}" d
    "$LIB/burst.py" packages d 500
    sentinel d
    each_once
}

@test "-e close_write: 4,000 files that come with their directories are finished once each" {
    "$LIB/burst.py" files tree 200
    start -m -r --json -e close_write d
    cp -r tree d/
    sentinel d
    diff <(closed) <(find d -type f | sort) >&2 || fail "not each file was finished once"
}

@test "-e close_write: a file that is closed twice is told twice" {
    start -m -r --json -e close_write d
    mkdir d/new
    within watches_are 2
    echo text >d/new/f
    echo else >d/new/g # two equal records one after the other would be merged by the kernel
    echo more >>d/new/f
    sentinel d
    [[ $(closed) == $'d/new/f\nd/new/f\nd/new/g' ]] || fail "told: $(closed)"
}

@test "a reader that sleeps while 96,000 events happen: none is lost, and memory is what waits" {
    memory_counts
    begin_pipe "$GATE; cat" -m -r --json d
    ready
    # Never more than the kernel's queue holds: a busy machine may not let pywatch run for a while.
    for part in {0..7}; do
        "$LIB/busy.py" d 3000 $((part * 3000))
        within asleep
    done
    touch d/last
    within asleep
    had=$(kilobytes VmRSS)
    touch go
    within printed '"d/last"'
    ! printed Q_OVERFLOW || fail "the queue overflowed"
    [[ $(records | grep -c '"busy\.') == 96000 ]]
    [[ $(grep -c '"DELETE"' "$OUT") == 24000 ]]
    # A record waits as the bytes that it is printed as.
    bytes=$(wc -c <"$OUT")
    ((had <= bytes / 1024 + 8192)) || fail "$had kB of memory for $bytes bytes of output"
    within asleep
    ((had / 2 > $(kilobytes VmRSS))) || fail "memory is not given back: $(kilobytes VmRSS) of $had kB"
}

@test "past --buffer: the loss is told, and every directory is watched under its right path" {
    for i in {1..40}; do
        mkdir -p "d/$i/below/deep"
    done
    begin_pipe "$GATE; cat" -m -r --json --buffer 16K -e create,delete,move d
    ready
    "$LIB/busy.py" d 12000 # 24,000 records
    for i in {1..10}; do
        mv "d/$i" "d/moved.$i"
        mv "d/moved.$i/below" "d/$((i + 10))/here"
        rm -r "d/$((i + 20))"
        mkdir -p "d/new.$i/a/b"
        mv "d/$((i + 30))" "d/x" && mv "d/new.$i" "d/$((i + 30))" && mv d/x "d/new.$i"
    done
    touch go
    within said max_queued_events
    sentinel d
    find d -type d | while read -r dir; do
        echo >"$dir/probe"
    done
    sentinel d
    diff <(find d -name probe | sort) \
        <(records | jq -r 'select(.events == ["CREATE"] and .name == "probe").path' | sort) >&2 ||
        fail "not each directory is watched under its path"
    watches_are "$(find d -type d | wc -l)"
}

@test "set-up and what is copied in later: no record of pywatch's own reading" {
    "$LIB/burst.py" dirs d/old 200
    "$LIB/burst.py" dirs tree 50
    start -m -r --json d
    cp -r tree d/new
    sentinel_dir d
    # cp does not open the directories that it makes. What it reads is elsewhere.
    kinds=$(records | jq -r '.events | join(",")' | sort | uniq -c)
    [[ $kinds =~ ^\ *$(find d/new | wc -l)\ CREATE,ISDIR$ ]] || fail "records: $kinds"
}

@test "what happens while a big tree is walked is read then, and told after that" {
    require strace
    strace -o /dev/null true 2>/dev/null || skip "strace is not permitted"
    "$LIB/burst.py" dirs d 40
    touch d/f0 d/f1
    # So slow that more happens than the queue can hold, but not so fast that pywatch, which may have
    # to wait for a processor, cannot read it.
    RUN=(env ASAN_OPTIONS=detect_leaks=0 strace -D -o trace -e trace=inotify_add_watch
        -e 'inject=inotify_add_watch:delay_enter=10000')
    begin -m -r --json -e attrib d
    some() { (($(watches) > 1)); }
    within some
    python3 -c 'import os, time
began = time.monotonic()
for i in range(30000):
    os.utime(f"d/f{i % 2}")
    time.sleep(max(0, began + i / 15000 - time.monotonic()) if i % 100 == 0 else 0)'
    ready
    sentinel d
    ! printed Q_OVERFLOW || fail "the queue overflowed"
    [[ $(records | grep -c '"d/f[01]"') == 30000 ]]
}

@test "20,000 directories made and removed leave nothing behind" {
    memory_counts
    mkdir -p d/stays/below
    start -m -r --json -o /dev/null -e create,delete d
    # settled: what comes after one look has also been read.
    settled() { watches_are 3 && asleep; }
    "${top_builddir:-$BATS_TEST_DIRNAME/..}/tests/churn" d 0 5000
    within settled
    before=$(kilobytes VmRSS)
    "${top_builddir:-$BATS_TEST_DIRNAME/..}/tests/churn" d 5000 15000
    within settled
    after=$(kilobytes VmRSS)
    ((after <= before + 1024)) || fail "$before kB after 5,000 and $after kB after 20,000"
    diff <(cat "/proc/$PID/fdinfo/"* | sed -n 's/^inotify .*ino:\([0-9a-f]*\) .*/\1/p' | sort) \
        <(find d -type d -printf '%i\n' | xargs printf '%x\n' | sort) >&2 ||
        fail "the watches are not those of the directories that are there"
}

@test "valgrind finds no mistake and no leak" {
    require valgrind
    memory_counts
    "$LIB/burst.py" dirs d/old 5
    mkdir out
    RUN=(valgrind -q --error-exitcode=99 --leak-check=full
        '--errors-for-leak-kinds=definite,possible')
    start -m -r --json --snapshot d
    "$LIB/burst.py" paths d/new 10
    "$LIB/burst.py" packages d 10
    mv d/new d/newer
    mv d/newer/3 out/3
    mv out/3 d/back
    rm -r d/newer/4
    python3 -c 'import os; [os.mkdir(f"d/old/{i}/more") for i in range(5)]'
    freeze
    "$LIB/busy.py" d 4200
    mv d/newer d/new
    rm -r d/old/1
    thaw
    within said max_queued_events
    sentinel d
    touch d/new/2/probe
    sentinel d
    printed '"d/new/2/probe"'
    stop
    ((STATUS == 143)) || fail "status $STATUS"
    [[ $(grep -c '==' "$ERR") == 0 ]]
    # By count, it ends of itself, and gives back all that it has.
    finished -r --initial --json -n 60 d
    expect_status 0
    [[ $(grep -c '==' "$ERR") == 0 ]]
}
