#!/usr/bin/env bats
# --control: paths added and removed while it runs, and what a `sync` is worth.

load helpers

# controlled ARGUMENT...: pywatch that takes commands from a FIFO, which $to writes to.
controlled() {
    mkfifo commands
    start --json --control commands "$@"
    exec {to}>commands
}

send() { printf '%s\n' "$@" >&"$to"; }

answered() { grep -q -a -F -e "\"token\":\"$1\"" -- "$OUT"; }
answered_or_ended() { answered "$1" || ended; }

# settle: until all that was sent has been answered.
settle() {
    send "sync settled.$((++sentinels))"
    within answered_or_ended "settled.$sentinels"
    answered "settled.$sentinels" || fail "it ended"
}

# told COMMAND...: sends them, and waits.
told() {
    send "$@"
    settle
}

# lines: one line a record: the answers with what they hold, or the events and the path.
lines() {
    grep -a -v -F settled. "$OUT" | jq -r '
        if .reply then
            [.reply, .path, .token, (if .ok then "ok" else .error end)]
        else
            [(.events | join(",")), .path] end
        | map(select(. != null)) | join(" ")'
}

expect_lines() {
    diff -u --label expected --label printed <(printf '%s\n' "$@") <(lines) >&2 ||
        fail "other lines than expected"
}

# wds: the numbers of what the kernel watches for it, and of what the last list told, in order.
wds() {
    local it

    cat "/proc/$PID/fdinfo/"* | sed -n 's/^inotify wd:\([0-9a-f]*\) .*/\1/p' |
        while read -r it; do echo $((16#$it)); done | sort -n
}
listed() { grep -a '"reply":"list"' "$OUT" | tail -n 1 | jq -r "$1"; }

@test "add and remove: events from the answer on, and none behind the other" {
    mkdir e
    controlled
    touch d/before
    told 'add d create' 'add e delete'
    touch d/a e/a
    rm e/a d/a
    told 'remove d'
    touch d/b e/b
    rm e/b
    told 'remove e'
    touch d/c e/c
    told list
    expect_lines 'add d ok' 'add e ok' 'CREATE d/a' 'DELETE e/a' 'remove d ok' 'DELETE e/b' \
        'remove e ok' 'list ok'
    [[ $(listed '.watches') == '[]' ]]
    [[ -z $(wds) ]]
}

@test "add takes away what it does not name: ONESHOT as well" {
    controlled
    told 'add d create,ONESHOT'
    told 'add d create,delete'
    touch d/1 d/2
    rm d/1
    told list
    expect_lines 'add d ok' 'add d ok' 'CREATE d/1' 'CREATE d/2' 'DELETE d/1' 'list ok'
}

@test "a coprocess of bash: sync is exact, in new directories too" {
    coproc WATCH { "$PYWATCH" --json --control - -r -e create,moved_to d 2>"$ERR"; }
    PID=$WATCH_PID
    PIDS+=("$PID")
    ready
    for ((i = 0; i < 200; i++)); do
        mkdir -p "d/$i/b/c"
        : >"d/$i/b/c/f"
        mv "d/$i/b" "d/$i/m"
        : >"d/$i/m/c/g"
        echo "sync $i" >&"${WATCH[1]}"
        seen=
        while IFS= read -r -t 20 line <&"${WATCH[0]}"; do
            [[ $line == *"\"token\":\"$i\""* ]] && break
            seen+=$line
        done
        # What was renamed before it could be watched is told of under its new name alone; so is
        # what was being renamed when the watch was set, by its MOVED_TO.
        for name in "d/$i" "d/$i/[bm]" "d/$i/[bm]/c" "d/$i/[bm]/c/f" "d/$i/m/c/g"; do
            # shellcheck disable=SC2053
            [[ $seen == *\"path\":\"$name\"* ]] || fail "round $i: no $name, but: $seen"
        done
        # And nothing of an earlier round comes late.
        [[ $seen != *"\"path\":\"d/$((i - 1))"[/\"]* ]] || fail "round $i: late: $seen"
    done
    echo quit >&"${WATCH[1]}"
    finish
    expect_status 0
}

@test "sync is exact where files were written, deleted and renamed right before" {
    controlled -r -e change d
    for ((i = 0; i < 50; i++)); do
        mkdir "d/$i" "d/$i/x"
        echo a >"d/$i/x/new"
        mv "d/$i/x/new" "d/$i/x/kept"
        echo b >>"d/$i/x/kept"
        rm "d/$i/x/kept"
        rmdir "d/$i/x"
        send "sync r$i"
    done
    settle
    # What was there and gone before it could be watched is not heard of at all.
    jq -s -c '
        . as $all
        | range(50) as $i
        | ($all | map(.token == "r\($i)") | index(true)) as $stop
        | ($all[:$stop] | map(select(.path == "d/\($i)/x") | .events[])) as $x
        | ($x | map(select(. == "CREATE")) | length) as $created
        | ($x | map(select(. == "DELETE")) | length) as $deleted
        | ($all[$stop:] | map(select(.path != null and (.path | startswith("d/\($i)/"))))) as $late
        | select($created != $deleted or $created > 1 or ($late | length) > 0)
        | [$i, $x, $late]
        ' "$OUT" >wrong
    [[ ! -s wrong ]] || fail "$(cat wrong)"
}

@test "a FIFO with several writers, each of which opens and closes it" {
    mkfifo commands
    start --json --control commands
    for w in 1 2 3 4; do
        for ((i = 0; i < 100; i++)); do echo "sync $w.$i" >commands; done &
        writers[w]=$!
        PIDS+=("$!")
    done
    wait "${writers[@]}"
    exec {to}>commands
    settle
    [[ $(jq -r 'select(.reply == "sync") | .token' "$OUT" | grep -v settled | sort -u | wc -l) == 400 ]]
    [[ $(grep -c '"ok":true' "$OUT") == 401 ]]
}

@test "a FIFO that it may only read: the last writer's end is not the end" {
    ((EUID == 0)) || skip "not root: modes decide for the writer too"
    require setpriv
    place=$(mktemp -d)
    PLACES+=("$place")
    chmod 755 "$place"
    mkfifo -m 644 "$place/commands"
    unprivileged
    RUN=(env -C "$place" "${RUN[@]}")
    start --json --control commands
    for i in 1 2 3; do
        echo "sync $i" >"$place/commands"
        within answered "$i"
    done
    printf 'sync cut' >"$place/commands"
    within printed 'the input ended within a line'
    echo 'sync 4' >"$place/commands"
    within answered 4
    # It waits, and does not ask again and again whether there is something.
    ticks() { cut -d ' ' -f 14,15 "/proc/$PID/stat"; }
    within asleep
    before=$(ticks)
    sleep 0.3
    [[ $(ticks) == "$before" ]]
    [[ $(grep -c '"ok":true' "$OUT") == 4 ]]
}

@test "a regular file, and its end: it goes on with what there is" {
    printf '%s\n' 'add d create' '' '   ' 'sync 1' >commands
    start --json --control commands
    within answered 1
    touch d/a
    sentinel d
    expect_lines 'add d ok' 'sync 1 ok' 'CREATE d/a' "CREATE d/.sentinel.1"
    rm -r d
    finish
    expect_status 1
    said 'nothing is left to watch'
}

@test "standard input: after its end it ends when nothing is left to watch, and not before" {
    printf '%s\n' 'add d' 'remove d' 'sync 1' >in
    IN=in
    finished --json --control -
    expect_status 1
    said 'nothing is left to watch'
    expect_lines 'add d ok' 'remove d ok' 'sync 1 ok'
    IN=/dev/null
    finished --json --control -
    expect_status 1
    printf 'sync 1\nsync 2' >in
    IN=in
    finished --json --control -
    expect_lines 'sync 1 ok' 'unknown the input ended within a line'
}

@test "the last watch goes: it stays, as long as something can be added" {
    controlled -e create,delete_self d
    rmdir d
    within printed DELETE_SELF
    mkdir d
    told 'add d create'
    touch d/a
    settle
    expect_lines 'DELETE_SELF d' 'add d ok' 'CREATE d/a'
    # A path that has gone can be removed no more.
    rm -r d
    told 'remove d' list
    [[ $(lines | tail -n 2) == $'remove d it is not watched\nlist ok' ]]
}

@test "every path can be written: words, quotes, escapes, any byte" {
    mkdir 'two words' $'new\nline' $'tab\t"quote"\\' $'raw\377' wd '"q' recursive
    controlled -e create
    told 'add "two words"' 'add "new\nline"' 'add "tab\t\"quote\"\\"' $'add raw\377' 'add wd' \
        'add "\"q"' 'add "rec\u0075rsive"'
    touch 'two words/a' $'new\nline/b' $'tab\t"quote"\\/c' $'raw\377/d' wd/e '"q/f' recursive/g
    settle
    [[ $(grep -c '"events":\["CREATE"\]' "$OUT") == 7 ]]
    told $'remove "raw\377"' 'remove wd' 'remove "\u0022q"'
    told list
    [[ $(listed '.watches | length') == 4 ]]
    ! grep -q '"ok":false' "$OUT" || fail "not all was understood"
    [[ $(jq -r 'select(.reply == "add") | .path_b64 // empty' "$OUT" | base64 -d) == $'raw\377' ]]
}

@test "what is no command is answered, and does no harm" {
    controlled d
    told fro 'add' 'add d modfy' 'add nope' 'remove nope' 'sync' 'sync a b' 'list x' \
        'add "d' 'add "\u0000"' 'remove wd 99' 'remove wd x'
    [[ $(grep -c '"ok":false' "$OUT") == 12 ]]
    [[ $(grep -c '"error":"' "$OUT") == 12 ]]
    touch d/a
    settle
    [[ $(jq -r 'select(.events == ["CREATE"]) | .path' "$OUT") == d/a ]]
}

@test "lines that are too long, NUL bytes and junk are answered, and the next line counts" {
    controlled -e create d
    head -c 65536 /dev/zero | tr '\0' x >&"$to"
    send ''
    { head -c 300000 /dev/zero | tr '\0' x && echo; } >&"$to"
    printf 'sync a\0b\n' >&"$to"
    told 'sync fine'
    expect_lines "unknown 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is not a command; accepted: add, remove, list, stats, sync, quit" \
        'unknown the line is longer than 65536 bytes' 'unknown the line holds a NUL byte' 'sync fine ok'
    head -c 1000000 /dev/urandom >junk
    cat junk >&"$to"
    send ''
    settle
    jq -e . "$OUT" >/dev/null || fail "what it printed is not JSON"
    touch d/a
    settle
    tail -n 2 "$OUT" | grep -q '"path":"d/a"'
    [[ ! -s $ERR || $(cat "$ERR") == *'Watches established.' ]]
}

@test "a line in pieces" {
    controlled -e create
    printf 'sy' >&"$to"
    within asleep
    printf 'nc wh' >&"$to"
    within asleep
    printf 'ole\nsync next\nsy' >&"$to"
    within answered next
    printf 'nc last\n' >&"$to"
    within answered last
    expect_lines 'sync whole ok' 'sync next ok' 'sync last ok'
}

@test "each path has its own events, and add changes them as inotify does" {
    mkdir e f
    controlled -e create d
    told 'add e delete' 'add f'
    touch {d,e,f}/a
    rm {d,e,f}/a
    told 'add d delete' 'add e MASK_ADD,CREATE' 'add f mask_create'
    touch {d,e,f}/b
    rm {d,e,f}/b
    settle
    expect_lines 'add e ok' 'add f ok' 'CREATE d/a' 'CREATE f/a' 'DELETE e/a' 'add d ok' 'add e ok' \
        'add f it is watched already, and MASK_CREATE was given' \
        'CREATE e/b' 'CREATE f/b' 'DELETE d/b' 'DELETE e/b'
}

@test "what was queued before an add goes by what was asked for then" {
    controlled -r -e create d
    freeze
    touch d/a
    rm d/a
    send 'add d delete recursive'
    thaw
    settle
    rm -f d/a
    touch d/b
    rm d/b
    settle
    expect_lines 'CREATE d/a' 'add d ok' 'DELETE d/b'
}

@test "every watch flag" {
    ln -s d link
    touch file d/open
    controlled
    told 'add file onlydir' 'add link dont_follow,attrib' 'add d oneshot,create,ignored'
    touch d/a d/b
    touch -h link
    settle
    expect_lines 'add file Not a directory' 'add link ok' 'add d ok' 'CREATE d/a' 'IGNORED d' 'ATTRIB link'
    told 'add d EXCL_UNLINK,MODIFY,CLOSE'
    exec {fd}>>d/open
    rm d/open
    echo x >&"$fd"
    exec {fd}>&-
    told 'remove d' 'remove link'
    [[ $(lines | tail -n 3) == $'add d ok\nremove d ok\nremove link ok' ]]
    [[ -z $(wds) ]]
}

@test "add recursive: what is below it, and what comes later, and nothing twice" {
    mkdir -p d/a/b e/x
    controlled
    told 'add d create recursive'
    touch d/a/b/f
    mkdir d/new
    touch d/new/f
    settle
    mkdir d/a/b/c
    settle
    expect_lines 'add d ok' 'CREATE d/a/b/f' 'CREATE,ISDIR d/new' 'CREATE d/new/f' 'CREATE,ISDIR d/a/b/c'
    told 'remove d'
    touch d/a/g d/new/g
    told list
    [[ $(listed '.watches') == '[]' && -z $(wds) ]]
    [[ $(lines | tail -n 2) == $'remove d ok\nlist ok' ]]
}

@test "add recursive: its own look at the directories is no event" {
    mkdir -p d/{1..20}/{1..5}
    controlled
    told 'add d recursive' 'add d/1 open,close' 'sync 1'
    expect_lines 'add d ok' 'add d/1 ok' 'sync 1 ok'
    ls d/2 >/dev/null
    settle
    # By the watch of d, and by its own.
    [[ $(lines | grep -c -x 'OPEN,ISDIR d/2') == 2 && $(lines | grep -c OPEN) == 2 ]]
    told 'remove d' 'add d open,close recursive' 'remove d'
    [[ $(lines | tail -n 3) == $'remove d ok\nadd d ok\nremove d ok' ]]
}

@test "a directory within a covered one: events of its own, until it is removed" {
    mkdir -p d/a/b d/c
    controlled -r -e create d
    told 'add d/a delete'
    touch d/a/f d/a/b/f d/c/f
    rm d/a/f d/a/b/f d/c/f
    told 'add d/a open recursive'
    touch d/a/g d/a/b/g
    mkdir d/a/b/new
    settle # an OPEN before it is watched would not be known of
    touch d/a/b/new/g
    told 'remove d/a'
    touch d/a/h d/a/b/h d/a/b/new/h
    settle
    expect_lines 'add d/a ok' 'CREATE d/a/b/f' 'CREATE d/c/f' 'DELETE d/a/f' 'add d/a ok' \
        'OPEN d/a/g' 'OPEN d/a/b/g' 'OPEN d/a/b/new/g' 'remove d/a ok' \
        'CREATE d/a/h' 'CREATE d/a/b/h' 'CREATE d/a/b/new/h'
}

@test "what covers it is removed: what was added by itself stays" {
    mkdir -p d/a/b/c d/other/x
    controlled -r -e create d
    told 'add d/a/b create recursive' 'add d/other create' 'remove d'
    touch d/no d/a/no d/a/b/f d/a/b/c/f d/other/f d/other/x/no
    mkdir d/a/b/new d/other/new
    touch d/a/b/new/f d/other/new/no
    told list
    expect_lines 'add d/a/b ok' 'add d/other ok' 'remove d ok' 'CREATE d/a/b/f' 'CREATE d/a/b/c/f' \
        'CREATE d/other/f' 'CREATE,ISDIR d/a/b/new' 'CREATE,ISDIR d/other/new' 'CREATE d/a/b/new/f' \
        'list ok'
    [[ $(listed '.watches[].path' | sort) == $'d/a/b\nd/a/b/c\nd/a/b/new\nd/other' ]]
    [[ $(listed '.watches[].wd' | sort -n) == "$(wds)" ]]
    told 'remove d/a/b' 'remove d/other' list
    [[ -z $(wds) ]]
}

@test "add recursive above what is watched: covered as well, with events of its own" {
    mkdir -p d/a/b
    controlled
    told 'add d/a delete' 'add d create recursive'
    touch d/f d/a/f d/a/b/f
    rm d/f d/a/f d/a/b/f
    mkdir d/a/new
    touch d/a/new/f
    told 'remove d/a'
    touch d/a/g d/a/new/g
    told list
    expect_lines 'add d/a ok' 'add d ok' 'CREATE d/f' 'CREATE d/a/b/f' 'DELETE d/a/f' \
        'CREATE d/a/new/f' 'remove d/a ok' 'CREATE d/a/g' 'CREATE d/a/new/g' 'list ok'
    [[ $(listed '.watches[].path' | sort) == $'d\nd/a\nd/a/b\nd/a/new' ]]
    told 'remove d'
    [[ -z $(wds) ]]
}

@test "one tree by two paths: when the first goes, the other goes on" {
    mkdir -p d/in e/mnt
    mount --bind d e/mnt 2>/dev/null || skip "mounting is not permitted"
    MOUNTS+=("$PWD/e/mnt")
    controlled -r -e create
    told 'add d recursive' 'add e recursive'
    touch d/in/a
    told 'remove d'
    touch d/in/b
    mkdir d/in/new
    touch d/in/new/c
    settle
    expect_lines 'add d ok' 'add e ok' 'CREATE d/in/a' 'remove d ok' 'CREATE e/mnt/in/b' \
        'CREATE,ISDIR e/mnt/in/new' 'CREATE e/mnt/in/new/c'
}

@test "remove by number, by another spelling, and what is only a part" {
    mkdir -p d/sub e
    ln -s e link
    controlled -r d
    told 'add link create' list
    wd=$(listed '.watches[] | select(.path == "link") | .wd')
    sub=$(listed '.watches[] | select(.path == "d/sub") | .wd')
    told 'remove d/sub' "remove wd $sub" "remove wd $wd" 'remove ./d/../d/'
    expect_lines 'add link ok' 'list ok' \
        'remove d/sub it is watched as a part of d, which can be removed' \
        'remove it is watched as a part of d, which can be removed' 'remove ok' 'remove ./d/../d/ ok'
    [[ -z $(wds) ]]
}

@test "a renamed path is removed by its new name, and one without a name by its old" {
    mkdir e far
    controlled
    told 'add d create' 'add e create'
    mv d new
    mv e far/e
    told 'remove new' 'remove e' list
    expect_lines 'add d ok' 'add e ok' 'remove new ok' 'remove e ok' 'list ok'
    [[ -z $(wds) ]]
}

@test "list: each watch that the kernel has, with its path and what was asked for" {
    mkdir -p d/a/b e
    touch f
    controlled -r -e create d
    told 'add e modify,delete' 'add f' list
    [[ $(listed '.watches[].wd' | sort -n) == "$(wds)" ]]
    [[ $(listed '.watches[] | "\(.path) \(.mask) \(.recursive)"' | sort) == \
        $'d 256 true\nd/a 256 null\nd/a/b 256 null\ne 514 null\nf 256 null' ]]
}

@test "stats: watches, what was printed and read" {
    controlled -e create d
    touch d/a d/b
    told stats
    [[ $(jq 'select(.reply == "stats") | .ok and .watches == 1 and .printed == 2 and .read >= 2
        and .overflows == 0' "$OUT") == true ]]
    freeze
    fill d 20000
    thaw
    within printed Q_OVERFLOW
    told stats
    [[ $(jq -r 'select(.reply == "stats") | .overflows' "$OUT" | tail -n 1) == 1 ]]
}

@test "quit: status 0, and what had happened before is printed" {
    controlled -r -e create d
    freeze
    mkdir d/a
    touch d/a/f
    send quit 'sync never'
    thaw
    finish
    expect_status 0
    expect_lines 'CREATE,ISDIR d/a' 'CREATE d/a/f' 'quit ok'
}

@test "answers stand among the records of --status, and do not count" {
    controlled -n 2 --status -e create d
    told 'sync 1'
    touch d/a
    told 'sync 2'
    touch d/b
    finish
    expect_status 0
    [[ $(jq -c '[.seq, .reply]' "$OUT" | grep -v settled) == \
        $'[1,null]\n[null,"sync"]\n[null,"sync"]\n[2,null]\n[null,"sync"]\n[null,"sync"]\n[3,null]' ]]
}

@test "watch_lost: what was added within a covered directory, and goes with it" {
    mkdir -p d/a e
    controlled --status -r -e create d
    told 'add d/a delete' 'add e'
    rmdir d/a e
    settle
    [[ $(jq -r 'select(.status == "watch_lost") | .path' "$OUT") == $'d/a\ne' ]]
    # What has its name later is covered, as all else there.
    mkdir d/a
    touch d/a/f
    settle
    tail -n 2 "$OUT" | grep -q '"events":\["CREATE"\],"path":"d/a/f"'
}

@test "moves between what is covered and what is not" {
    mkdir -p r/x/y n
    controlled -e create,move
    told 'add r create,move recursive' 'add n create,move'
    mv r/x n/x
    touch n/x/no n/x/y/no
    mv n/x r/back
    touch r/back/f r/back/y/f
    told list
    lines >got
    [[ $(tail -n +3 got | grep -v -e '/no$' | head -n 4) == \
        $'MOVED_FROM,ISDIR r/x\nMOVED_TO,ISDIR n/x\nMOVED_FROM,ISDIR n/x\nMOVED_TO,ISDIR r/back' ]]
    grep -q -x 'CREATE r/back/f' got
    grep -q -x 'CREATE r/back/y/f' got
    # What came in with it is announced, under its new path.
    [[ $(grep -c '/no$' got) == 2 ]]
    grep -q -x 'CREATE r/back/no' got
    [[ $(listed '.watches[].path' | sort) == $'n\nr\nr/back\nr/back/y' ]]
    [[ $(listed '.watches[].wd' | sort -n) == "$(wds)" ]]
}

@test "--initial: what is there is announced behind the answer, once" {
    mkdir -p d/a
    touch d/f d/a/g
    controlled --initial -e create,complete
    told 'add d recursive' 'sync 1'
    touch d/new
    settle
    [[ $(lines | head -n 1) == 'add d ok' ]]
    [[ $(lines | sed -n '2,4p' | sort) == $'CREATE d/a/g\nCREATE d/f\nCREATE,ISDIR d/a' ]]
    [[ $(lines | tail -n +5) == $'sync 1 ok\nCREATE d/new\nCLOSE_WRITE d/new' ]]
}

@test "no watch left for an add: an answer, and all is as it was before" {
    limited max_inotify_watches 3
    mkdir -p d e/{1..5}
    controlled -e create d
    told 'add e recursive' list
    grep -q 'upper limit on inotify watches reached' "$OUT"
    [[ $(listed '.watches[].path') == d ]]
    [[ $(wds | wc -l) == 1 ]]
    told 'add e'
    touch e/f
    settle
    [[ $(lines | tail -n 1) == 'CREATE e/f' ]]
}

@test "what --settle and --join-moves hold back is printed before an answer" {
    controlled --settle 60000 --join-moves -e create,modify,move d
    echo a >d/a
    mv d/a d/b
    told 'sync 1'
    expect_lines 'MODIFY,CREATE d/a' 'MOVE d/b' 'sync 1 ok'
}

@test "a file system that others can change: a warning when it is added, once" {
    mkdir -p a/below
    mount_fuse a/below
    controlled -e create
    told 'add a'
    ! said 'others can change' || fail "it warns of what is not watched"
    told 'add a recursive' 'remove a' 'add a/below'
    [[ $(grep -c 'others can change' "$ERR") == 1 ]]
    said 'pywatch: a/below is on a file system (FUSE)'
}

@test "overflow: a sync behind it waits until all has been compared" {
    controlled -r -e create d
    freeze
    fill d 20000
    mkdir -p d/lost/below
    send 'sync 1'
    thaw
    within answered 1
    grep -v '"path":"d/[0-9]' "$OUT" | jq -r '.path // .token // .events[0]' >got
    [[ $(cat got) == $'Q_OVERFLOW\nd/lost\nd/lost/below\n1' ]]
}

@test "a writer that never pauses: commands get their turn, and events theirs" {
    mkdir busy
    controlled -e create,delete d busy
    (cd busy && while :; do : >a && rm a; done) &
    PIDS+=("$!")
    for ((i = 0; i < 100; i++)); do
        : >"d/$i"
        told "sync $i"
    done
    kill "$!"
    jq -s -e '. as $all | [range(100)] | all(. as $i
        | ($all | map(.path == "d/\($i)") | index(true)) < ($all | map(.token == "\($i)") | index(true)))
        ' "$OUT" >/dev/null
    [[ $(grep -c '"path":"busy/a"' "$OUT") -gt 100 ]]
}

@test "a reader that does not read, and a writer of commands that does not stop" {
    mkfifo commands go
    begin_pipe 'read -r _ <go; cat' --json --control commands -e create d
    ready
    exec {to}>commands
    for ((i = 0; i < 20000; i++)); do echo "sync $i"; done >&"$to"
    touch d/a
    send 'sync last'
    echo >go
    within answered last
    [[ $(grep -c '"reply":"sync"' "$OUT") == 20001 ]]
    # Somewhere among the answers, but before that of the sync behind it.
    [[ $(tail -n 1 "$OUT") == *'"token":"last"'* ]]
    printed '"path":"d/a"'
}

@test "a full --buffer: commands wait as events do, and go on" {
    mkfifo commands go
    begin_pipe 'read -r _ <go; cat' --json --buffer 100K --control commands -e create d
    ready
    exec {to}>commands
    # More than the pipe of answers, the buffer and the FIFO hold together.
    (for ((i = 0; i < 20000; i++)); do echo "sync $i"; done >&"$to") &
    writer=$!
    PIDS+=("$writer")
    within asleep
    kill -0 "$writer"
    echo >go
    wait "$writer"
    send 'sync last'
    within answered last
    [[ $(grep -c '"reply":"sync"' "$OUT") == 20001 ]]
}

@test "added and removed again and again: nothing grows" {
    frees || skip "AddressSanitizer keeps memory"
    mkdir -p d/sub
    mkfifo commands
    begin_pipe 'cat >/dev/null' --json --control commands
    ready
    exec {to}>commands
    again() {
        for ((i = 0; i < $1; i++)); do
            echo 'add d recursive'
            echo 'remove d'
        done >&"$to"
        within eval "(( \$(watches) == 0 )) && asleep"
    }
    again 1000
    before=$(kilobytes VmRSS)
    again 5000
    (($(kilobytes VmRSS) < before + 300)) || fail "from $before to $(kilobytes VmRSS) kB"
}

@test "in the background: a FIFO, whose path is that of the start" {
    mkfifo commands
    finished -d -q --json -o log --control commands -e create d
    expect_status 0
    exec {to}>commands
    touch d/a
    send 'sync 1' quit
    within grep -q '"reply":"quit"' log
    [[ $(jq -r '.path // .token // .reply' log) == $'d/a\n1\nquit' ]]
}

@test "errors at the start: one line that says what would do" {
    finished --control - d
    expect_error 'pywatch: --control needs --json.'
    finished --json --control missing d
    expect_error 'pywatch: cannot read commands from missing: No such file or directory'
    finished --json --control d d
    expect_error 'pywatch: cannot read commands from d: Is a directory'
    finished --json --summary --control - d
    expect_error 'pywatch: --control and --summary cannot both be specified.'
    finished --json --follow --control - d
    expect_error 'pywatch: --control and --follow cannot both be specified.'
    finished --json --control - --fromfile - d
    expect_error 'pywatch: --control and --fromfile cannot both read standard input.'
    finished --json -d -o log --control - d
    expect_error 'pywatch: --control: standard input is closed with --daemon; accepted: a FIFO.'
}
