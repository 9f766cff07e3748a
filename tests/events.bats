#!/usr/bin/env bats
# Every event of inotify(7), made for real.

load helpers

@test "ACCESS: a file is read" {
    echo text >d/f
    start -m "${PLAIN[@]}" -e access,create d
    cat d/f >/dev/null
    sentinel d
    expect_records 'ACCESS d/f'
}

@test "MODIFY: a file is written to, or truncated" {
    echo text >d/f
    start -m "${PLAIN[@]}" -e modify,create d
    echo more >>d/f
    truncate -s 1 d/f
    sentinel d
    # The kernel joins equal records that wait next to each other.
    [[ $(records | sort -u) == 'MODIFY d/f' ]]
}

@test "ATTRIB: mode, times and link count change" {
    touch d/f
    start -m "${PLAIN[@]}" -e attrib,create d
    chmod 600 d/f
    sentinel d
    expect_records 'ATTRIB d/f'
}

@test "ATTRIB on the watched file itself: its link count" {
    touch d/f
    start -m "${PLAIN[@]}" -e attrib,modify d/f
    ln d/f d/g
    within printed ATTRIB
    stop
    expect_output 'ATTRIB d/f'
}

@test "OPEN, CLOSE_WRITE: text says CLOSE as well" {
    touch d/f
    start -m "${PLAIN[@]}" -e open,close,create d
    : >>d/f
    sentinel d
    expect_records 'OPEN d/f' 'CLOSE_WRITE,CLOSE d/f'
}

@test "OPEN, CLOSE_NOWRITE: text says CLOSE as well" {
    touch d/f
    start -m "${PLAIN[@]}" -e open,close,create d
    : <d/f
    sentinel d
    expect_records 'OPEN d/f' 'CLOSE_NOWRITE,CLOSE d/f'
}

@test "CREATE: files, directories, links, FIFOs, sockets" {
    touch f
    start -m "${PLAIN[@]}" -e create d
    touch d/file
    mkdir d/dir
    ln -s nowhere d/symlink
    ln f d/link
    mkfifo d/fifo
    sentinel d
    expect_records 'CREATE d/file' 'CREATE,ISDIR d/dir' 'CREATE d/symlink' 'CREATE d/link' \
        'CREATE d/fifo'
}

@test "DELETE: a file, a directory" {
    touch d/f
    mkdir d/s
    start -m "${PLAIN[@]}" -e delete d
    rm d/f
    rmdir d/s
    sentinel d
    expect_records 'DELETE d/f' 'DELETE,ISDIR d/s'
}

@test "MOVED_FROM, MOVED_TO: within, out and in" {
    touch d/a d/out in
    mkdir d/s
    start -m "${PLAIN[@]}" -e move,create d
    mv d/a d/b
    mv d/s d/t
    mv d/out out
    mv in d/in
    sentinel d
    expect_records 'MOVED_FROM d/a' 'MOVED_TO d/b' 'MOVED_FROM,ISDIR d/s' 'MOVED_TO,ISDIR d/t' \
        'MOVED_FROM d/out' 'MOVED_TO d/in'
}

@test "MOVED_TO alone knows where it came from, and is alone" {
    touch d/a in
    mkdir e
    start -m --format '%e %p %o' -e moved_to,create d e
    mv d/a d/b
    mv d/b e/c
    mv in d/in
    sentinel d
    expect_records 'MOVED_TO d/b d/a' 'MOVED_TO e/c d/b' 'MOVED_TO d/in '
    stop
    start -m --format '%e %p %o' -e moved_to --flags ONESHOT d
    mv d/in out
    mv out d/in
    finish
    expect_output 'MOVED_TO d/in '
}

@test "MOVE_SELF: the watched file, the watched directory" {
    touch f
    start -m "${PLAIN[@]}" -e move_self,create f d
    mv f g
    mv d e
    sentinel e
    expect_records 'MOVE_SELF f' 'MOVE_SELF d/'
}

@test "DELETE_SELF: the watched file, the watched directory" {
    touch f
    mkdir keep
    start -m "${PLAIN[@]}" -e delete_self,create f d keep
    rm f
    rmdir d
    sentinel keep
    expect_records 'DELETE_SELF f' 'DELETE_SELF d/'
}

@test "ISDIR: reading a directory" {
    mkdir d/s
    start -m "${PLAIN[@]}" -e open,access,close,create d
    ls d/s >/dev/null
    sentinel d
    # The records of an empty directory differ in number with the file system: ACCESS is one.
    [[ $(records | grep -v ACCESS) == $'OPEN,ISDIR d/s\nCLOSE_NOWRITE,CLOSE,ISDIR d/s' ]]
    [[ $(records | grep ACCESS | sort -u) == 'ACCESS,ISDIR d/s' ]]
}

@test "the events of a whole life, in the default layout" {
    start -m d
    echo text >d/f
    chmod 600 d/f
    mv d/f d/g
    rm d/g
    sentinel d
    expect_records 'd/ CREATE f' 'd/ OPEN f' 'd/ MODIFY f' 'd/ CLOSE_WRITE,CLOSE f' 'd/ ATTRIB f' \
        'd/ MOVED_FROM f' 'd/ MOVED_TO g' 'd/ DELETE g'
}

@test "about the watched thing itself: the line ends with a blank" {
    touch f
    start -m f
    chmod 600 f
    within printed ATTRIB
    stop
    expect_output 'f ATTRIB '
}

@test "IGNORED is printed where -e names it" {
    touch f
    start -m "${PLAIN[@]}" -e delete_self,ignored f
    rm f
    finish
    expect_output 'DELETE_SELF f' 'IGNORED f'
}

@test "IGNORED is not printed without -e, nor by ALL_EVENTS" {
    touch f g
    start -m "${PLAIN[@]}" f
    rm f
    finish
    expect_output 'ATTRIB f' 'DELETE_SELF f'
    start -m "${PLAIN[@]}" -e all_events g
    rm g
    finish
    expect_output 'ATTRIB g' 'DELETE_SELF g'
}

@test "IGNORED is not printed without -e in JSON either" {
    touch f
    start -m --json f
    rm f
    finish
    [[ $(jq -c .events "$OUT") == $'["ATTRIB"]\n["DELETE_SELF"]' ]]
}

@test "--initial and --snapshot without -r: the listing is not reported" {
    touch d/f
    start -m --initial --snapshot "${PLAIN[@]}" d
    sentinel d
    expect_records 'CREATE d/f'
}

@test "UNMOUNT of a file system within the tree" {
    mkdir d/mnt
    mount_tmpfs d/mnt
    mkdir d/mnt/sub
    start -m -r "${PLAIN[@]}" -e unmount,create d
    umount d/mnt
    within printed 'UNMOUNT,ISDIR d/mnt/sub/'
    sentinel d
    [[ $(records | sort) == $'UNMOUNT,ISDIR d/mnt/\nUNMOUNT,ISDIR d/mnt/sub/' ]] ||
        fail "not one UNMOUNT for each directory"
}

@test "UNMOUNT of the watched directory, without -e" {
    mount_tmpfs d
    start -m "${PLAIN[@]}" d
    umount d
    finish
    expect_output 'UNMOUNT,ISDIR d/'
    expect_status 1
}

@test "UNMOUNT is in JSON whatever -e says, and in text only where -e names it" {
    mkdir d/mnt
    mount_tmpfs d/mnt
    start -m -r --json -e create d
    umount d/mnt
    within printed UNMOUNT
    sentinel d
    [[ $(records | jq -c '[.events, .path, .watch]') == '[["UNMOUNT","ISDIR"],"d/mnt","d/mnt/"]' ]]
    stop
    mount_tmpfs d/mnt
    start -m -r "${PLAIN[@]}" -e create d
    umount d/mnt
    watching 2 # d, and what the mount had covered
    sentinel d
    expect_records
}

@test "after an unmount, what was covered is watched" {
    mkdir -p d/mnt/under
    mount_tmpfs d/mnt
    start -m -r "${PLAIN[@]}" -e create d
    umount d/mnt
    watching 3
    touch d/mnt/probe
    sentinel d/mnt/under
    records | grep -qx 'CREATE d/mnt/probe'
}

@test "Q_OVERFLOW: the record, and a line on stderr in spite of -q" {
    begin -m -q "${PLAIN[@]}" d
    watching 1
    freeze
    fill d 20000
    thaw
    within printed Q_OVERFLOW
    sentinel d
    [[ $(grep -c Q_OVERFLOW "$OUT") == 1 ]]
    grep -qx 'Q_OVERFLOW ' "$OUT"
    [[ $(wc -l <"$ERR") == 1 ]]
    said max_queued_events
    said "$(cat /proc/sys/fs/inotify/max_queued_events)"
}

@test "Q_OVERFLOW that -e does not name: no text record, but the line on stderr" {
    start -m "${PLAIN[@]}" -e create d
    freeze
    fill d 20000
    thaw
    within said max_queued_events
    sentinel d
    ! printed Q_OVERFLOW || fail "Q_OVERFLOW was printed unasked"
}

@test "Q_OVERFLOW is in JSON whatever -e says: wd -1, no path" {
    start -m --json -e create d
    freeze
    fill d 20000
    thaw
    within printed Q_OVERFLOW
    grep Q_OVERFLOW "$OUT" |
        jq -e '.events == ["Q_OVERFLOW"] and .wd == -1 and (has("path") or has("name") | not)'
}

@test "Q_OVERFLOW under -r: the tree is made true again" {
    mkdir d/old
    start -m -r "${PLAIN[@]}" -e create d
    freeze
    fill d/old 20000
    mkdir -p d/new/deep
    touch d/new/deep/f
    thaw
    within printed 'CREATE d/new/deep/f'
    touch d/new/deep/probe
    sentinel d/new
    [[ $(grep -c 'd/new/deep/probe$' "$OUT") == 1 ]]
    [[ $(grep -c 'd/new/deep/f$' "$OUT") == 1 ]]
    [[ $(grep -cx 'CREATE,ISDIR d/new' "$OUT") == 1 ]]
}

@test "Q_OVERFLOW does not count as an event that was asked for" {
    start -r -e delete "${PLAIN[@]}" d
    freeze
    fill d 20000
    thaw
    within said max_queued_events
    rm d/1
    finish
    expect_status 0
    expect_output 'DELETE d/1'
}

@test "JSON names only the bits that the kernel set; text adds CLOSE" {
    start -m --json d
    : >d/f
    : <d/f
    mkdir d/s
    sentinel d
    diff -u - <(records | jq -c .events) <<'END'
["CREATE"]
["OPEN"]
["CLOSE_WRITE"]
["OPEN"]
["CLOSE_NOWRITE"]
["CREATE","ISDIR"]
END
    [[ $(records | jq -c .mask | tr '\n' ' ') == '256 32 8 32 16 1073742080 ' ]]
}

@test "names of events: either case, with or without IN_, groups" {
    touch d/f
    start -m "${PLAIN[@]}" -e In_ModIFY -e 'attrib,IN_DELETE' d
    echo x >>d/f
    chmod 600 d/f
    rm d/f
    sentinel d
    expect_records 'MODIFY d/f' 'ATTRIB d/f' 'DELETE d/f'
}

@test "-e CHANGE: all that alters anything" {
    start -m "${PLAIN[@]}" -e change d
    echo x >>d/f
    cat d/f >/dev/null
    chmod 600 d/f
    mv d/f d/g
    rm d/g
    sentinel d
    expect_records 'CREATE d/f' 'MODIFY d/f' 'CLOSE_WRITE,CLOSE d/f' 'ATTRIB d/f' \
        'MOVED_FROM d/f' 'MOVED_TO d/g' 'DELETE d/g'
}

@test "-e COMPLETE: a file is finished" {
    touch f
    start -m "${PLAIN[@]}" -e complete d
    echo x >d/written
    mv f d/moved
    sentinel d
    expect_records 'CLOSE_WRITE,CLOSE d/written' 'MOVED_TO d/moved'
}

@test "-e ISDIR asks for no event of its own" {
    start -m "${PLAIN[@]}" -e create,isdir d
    mkdir d/s
    ls d/s >/dev/null
    touch d/f
    sentinel d
    expect_records 'CREATE,ISDIR d/s' 'CREATE d/f'
}
